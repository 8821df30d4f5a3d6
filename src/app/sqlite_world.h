// Where a run's database is SQLite, in place of a PostgreSQL server.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <string>

#include "app/context.h"
#include "app/requests.h"
#include "app/world.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// The database that the target's sqlite: URL names, or, without a target, a throwaway file where
/// the scenario's server is of kind "sqlite"; nullptr where PostgreSQL is meant. The error names an
/// option that only PostgreSQL has. `goals_end_runs`: goals with abort_on_fail count.
Result<std::unique_ptr<World>> sqlite_world(const RunRequest& request, const Context& context,
                                            const Scenario& scenario, ProgressSink& progress,
                                            bool goals_end_runs = false);

/// One run in a world of this kind, as measure_scenario() has it.
Result<Report> measure_in(World& world, const RunRequest& request, const std::string& label,
                          const Context& context, const Scenario& scenario, std::time_t started,
                          const std::function<void(const Report&)>& early);

}  // namespace poolgauge::app
