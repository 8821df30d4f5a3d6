// What sweep and advise make of each run.
#pragma once

#include <ctime>
#include <memory>

#include "cli/context.h"
#include "cli/model.h"
#include "cli/shell/terminal.h"
#include "cli/world.h"
#include "poolgauge/curve.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

/// The report of one run; command and command line are the whole command's.
Report trial_report(const Scenario& scenario, const Measurement& measured, const World& world,
                    const Context& context, std::uint64_t seed, std::time_t started);

/// Its figures as a point of a curve.
CurvePoint curve_point(double at, const Report& report);

/// Why a run's figures say nothing about its pool; empty: they do.
std::string unusable_because(const Report& report);

/// What both begin with: a line of progress, the time, and the world the options ask for.
struct Stage {
  /// `options`: AdviseOptions or SweepOptions; outlive it.
  template <typename Options>
  Stage(const Options& options, const Context& context, const Scenario& scenario)
      : Stage(ModelWishes{options.run, options.costs, options.cores}, options.simulated, context,
              scenario) {}
  Stage(const ModelWishes& wishes, bool simulated, const Context& context,
        const Scenario& scenario);
  Terminal terminal;
  ProgressPrinter progress;
  std::time_t started;
  Result<std::unique_ptr<World>> world;
};

}  // namespace poolgauge::cli
