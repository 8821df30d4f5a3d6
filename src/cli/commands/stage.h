// What sweep and advise begin with.
#pragma once

#include <ctime>
#include <memory>

#include "app/model.h"
#include "app/world.h"
#include "cli/args/options.h"
#include "cli/shell/progress_line.h"
#include "cli/shell/terminal.h"

namespace poolgauge::cli {

/// The model that --simulated and `simulate` ask for, measured first where --calibrate says so.
Result<Model> model_of(const RunOptions& run, const CostOptions& costs, unsigned cores,
                       const Context& context, const Scenario& scenario, ProgressSink& progress);

/// A line of progress, the time, and the world the options ask for.
struct SearchSetup {
  /// `options`: AdviseOptions or SweepOptions; outlive it.
  template <typename Options>
  SearchSetup(const Options& options, const Context& context, const Scenario& scenario)
      : SearchSetup(options.run, options.costs, options.cores, options.simulated, context,
                    scenario) {}
  SearchSetup(const RunOptions& run, const CostOptions& costs, unsigned cores, bool simulated,
              const Context& context, const Scenario& scenario);
  Terminal terminal;
  ProgressPrinter progress;
  std::time_t started;
  Result<std::unique_ptr<World>> world;
};

}  // namespace poolgauge::cli
