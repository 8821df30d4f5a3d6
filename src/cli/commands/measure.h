// One run of a scenario as a report, for commands that make several.
#pragma once

#include <ctime>

#include "app/context.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::cli {

/// Opens the servers, puts the load on, closes them. A run that was interrupted is a report, too.
/// `early`, where given, has the report before the data is removed and the servers are stopped.
Result<Report> measure_scenario(const RunOptions& options, const Context& context,
                                const Scenario& scenario, ProgressSink& progress,
                                std::time_t started, EarlyReport* early = nullptr);

}  // namespace poolgauge::cli
