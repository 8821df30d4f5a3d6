// Several reports of one run as one: the parts that --part made, exactly, and whole runs, added up.
#pragma once

#include <string>
#include <vector>

#include "app/context.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
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

// The parts of one run become the report that one machine would have written.

/// The report of a part, and the file that it was read from.
struct PartReport {
  std::string file;
  Report report;
};

/// Whether these are parts of the same run, each once; a report that is no part, or parts of
/// another scenario, seed, version, or start are refused by name. Not that all are there.
Status check_parts(const std::vector<PartReport>& parts);

/// Adds up parts that belong together: the counts and histograms of all seconds, as those of the
/// threads of one machine are added up. Goals, diagnosis, and verdict are those of the sum.
/// What is missing is said, and a run with a missing part does not pass. `scenario`: of all parts;
/// `parts` are in any order.
Report merge_parts(std::vector<PartReport> parts, const Scenario& scenario, const Context& context);

}  // namespace poolgauge::app
