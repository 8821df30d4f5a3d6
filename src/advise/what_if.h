// Changes to a scenario that no flag of its own expresses. Pure.
#pragma once

#include <string>

#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// Releases the connection during the hold named `step` ("model" or "chat.model"): the
/// transaction around it ends before it, and another begins after it.
Result<Scenario> release_during(Scenario scenario, const std::string& step);

}  // namespace poolgauge
