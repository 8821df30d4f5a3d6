// What each statement of a scenario costs the modeled server, and which of that is known.
#pragma once

#include <string_view>
#include <vector>

#include "poolgauge/distribution.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"

namespace poolgauge {

/// CPU time, drawn again each time, and an additional delay that uses no core.
struct StepCost {
  DurationSpec work;
  Duration delay{0};
};

/// One for each step, in the flattened order; holds and pauses have one that nobody uses.
std::vector<StepCost> step_costs(const Scenario& scenario, const ServerProfile& profile);

/// The delay of a literal `pg_sleep(x)` in the text; zero without one.
Duration literal_sleep(std::string_view sql);

}  // namespace poolgauge
