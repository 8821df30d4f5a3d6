// One run of a scenario as a report, and short runs that measure what statements cost.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <string>

#include "app/context.h"
#include "app/model.h"
#include "app/requests.h"
#include "app/world.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// Opens the servers, puts the load on, closes them. A run that was interrupted is a report, too.
/// `early`, where given, has the report before the data is removed and the servers are stopped.
Result<Report> measure_scenario(const RunRequest& request, const std::string& label,
                                const Context& context, const Scenario& scenario,
                                ProgressSink& progress, std::time_t started,
                                const std::function<void(const Report&)>& early = {});

// --calibrate: what a scenario's statements cost, measured by one user in a few seconds and kept.

/// The report of a run of cost_scenario(): from the cache, else measured on the target (without one
/// on a throwaway PostgreSQL) and then cached. Notes where it came from and where it is kept. A
/// cache that cannot be used costs time, nothing else: a bad file is measured over, and two
/// processes that ask for the same costs measure them one after the other. Errors: those of a run,
/// or that no request was completed.
Result<Report> measured_costs(const RunRequest& run, const Context& context,
                              const Scenario& scenario, ProgressSink& progress);

/// The file that holds them: COSTS.json below poolgauge/costs in XDG_CACHE_HOME or ~/.cache, named
/// by a hash of what decides the costs: the scenario's file, its SQL and CSV files, the target and
/// this program's version. Empty: there is no such directory.
std::string cost_file(const Environment& environment, const Scenario& scenario,
                      const std::string& version, const std::string& target);

/// The model that --simulated and `simulate` ask for, measured first where --calibrate says so.
Result<Model> model_of(const RunRequest& run, const CostOptions& costs, unsigned cores,
                       const Context& context, const Scenario& scenario, ProgressSink& progress);

/// The virtual clock for `simulated`, else the server that the request names.
Result<std::unique_ptr<World>> chosen_world(const RunRequest& run, const CostOptions& costs,
                                            unsigned cores, bool simulated, const Context& context,
                                            const Scenario& scenario, ProgressSink& progress);

}  // namespace poolgauge::app
