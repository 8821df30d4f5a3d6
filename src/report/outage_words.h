// Outages put into words.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// One line for each outage, the first few of many.
std::vector<std::string> outage_lines(const Report& report);

}  // namespace poolgauge
