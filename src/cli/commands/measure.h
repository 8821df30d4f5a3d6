// One run of a scenario as a report, for commands that make several.
#pragma once

#include <ctime>

#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/model.h"
#include "cli/shell/progress_line.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"

namespace poolgauge::cli {

/// Opens the servers, puts the load on, closes them. A run that was interrupted is a report, too.
/// `early`, where given, has the report before the data is removed and the servers are stopped.
Result<Report> measure_scenario(const RunOptions& options, const Context& context,
                                const Scenario& scenario, ProgressPrinter& progress,
                                std::time_t started, EarlyReport* early = nullptr);

/// The same on the virtual clock. The error: its pools do not fit, as a run says it.
Result<Report> simulate_scenario(const Scenario& scenario, const Model& model, std::uint64_t seed,
                                 const std::string& label, const Context& context,
                                 std::time_t started);

}  // namespace poolgauge::cli
