// --calibrate: what a scenario's statements cost, measured by one user in a few seconds and kept.
#pragma once

#include <string>

#include "app/context.h"
#include "cli/args/options.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::cli {

/// The report of a run of cost_scenario(): from the cache, else measured on the target (without one
/// on a throwaway PostgreSQL) and then cached. Says on standard error where it came from and where
/// it is kept, unless output is quiet. A cache that cannot be used costs time, nothing else: a bad
/// file is measured over, and two processes that ask for the same costs measure them one after the
/// other. Errors: those of a run, or that no request was completed.
Result<Report> measured_costs(const RunOptions& run, const Context& context,
                              const Scenario& scenario, ProgressSink& progress);

/// The file that holds them: COSTS.json below poolgauge/costs in XDG_CACHE_HOME or ~/.cache, named
/// by a hash of what decides the costs: the scenario's file, its SQL and CSV files, the target and
/// this program's version. Empty: there is no such directory.
std::string cost_file(const Environment& environment, const Scenario& scenario,
                      const std::string& target);

}  // namespace poolgauge::cli
