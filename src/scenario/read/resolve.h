// A scenario back into JSON, with everything it left to defaults written out.
#pragma once

#include <string>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// Compact; parse_scenario reads it to the same scenario.
std::string resolved(const Scenario& scenario);

}  // namespace poolgauge
