#include "cli/commands/stage.h"

#include <utility>

#include "cli/commands/cost_run.h"
#include "cli/shell/wall_clock.h"

namespace poolgauge::cli {

namespace {

Result<std::unique_ptr<World>> make_world(const RunOptions& run, const CostOptions& costs,
                                          unsigned cores, bool simulated, const Context& context,
                                          const Scenario& scenario, ProgressSink& progress) {
  if (simulated) {
    Result<Model> model = model_of(run, costs, cores, context, scenario, progress);
    if (!model.ok()) return model.error();
    return simulated_world(model.value().profile, context.stop, model.value().facts);
  }
  Result<Targets> targets = chosen_targets(run.target, context.environment, scenario);
  if (!targets.ok()) return targets.error();
  return live_world(run, std::move(targets).value(), context.stop, progress);
}

}  // namespace

Result<Model> model_of(const RunOptions& run, const CostOptions& costs, unsigned cores,
                       const Context& context, const Scenario& scenario, ProgressSink& progress) {
  const ModelWishes wishes{costs, cores, [&](const Scenario& measured) {
                             return measured_costs(run, context, measured, progress);
                           }};
  return make_model(wishes, context.stop, scenario);
}

SearchSetup::SearchSetup(const RunOptions& run, const CostOptions& costs, unsigned cores,
                         bool simulated, const Context& context, const Scenario& scenario)
    : terminal(inspect_terminal(2, run.output.no_color)),
      progress(progress_mode(run.output.progress, run.output.quiet, terminal), terminal,
               run.output.quiet),
      started(wall_clock()),
      world(make_world(run, costs, cores, simulated, context, scenario, progress)) {}

}  // namespace poolgauge::cli
