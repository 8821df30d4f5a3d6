// The scenario that the parts of one run made together.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// The scenario of the first part with the loads and instances of all of them added up, so that
/// advice counts every user and every pool. Loads that cannot be added (of different kinds, or
/// replayed) become a load without a known number of users or rate. `parts` must not be empty.
Scenario merged_scenario(const std::vector<Scenario>& parts);

/// "400 users (4 × 100 users)", "30/s poisson (10/s poisson + 20/s poisson)"; without the sum where
/// the loads cannot be added.
std::string merged_load_text(const Scenario& merged, const std::vector<std::string>& loads);

/// `scenario_json`, compact, with the load and the deployment of `merged`; as it is where the loads
/// could not be added.
std::string merged_json(const std::string& scenario_json, const Scenario& merged);

}  // namespace poolgauge::app
