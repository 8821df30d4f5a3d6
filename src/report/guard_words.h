// What the guards of a run did, in words.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// One line for what was watched, one for each event, the first few of many; none without guards.
std::vector<std::string> guard_lines(const Report& report);

}  // namespace poolgauge
