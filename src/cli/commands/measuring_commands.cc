// `run`, `advise`, `sweep`, `simulate`, and `merge`: what they do is in app.
#include <utility>

#include "app/measure.h"
#include "app/saved.h"
#include "app/simulation.h"
#include "app/trials.h"
#include "cli/args/safety_options.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/shell/messages.h"
#include "files/outputs.h"

namespace poolgauge::cli {

int run_command(const RunOptions& options, const Context& context) {
  if (const Status parts = check_part_options(options.parts); !parts.ok()) {
    return fail(parts.error());
  }
  const OrFailure<Scenario> loaded =
      typed_scenario(options.scenario, options.flags, context.environment);
  if (!loaded.ok()) return fail(loaded.failure());
  say_flags(loaded.value(), options.output.quiet);
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  Measuring measuring(options.output, context);
  const Result<Report> report =
      measure_scenario(options, options.output.label, context, loaded.value(), measuring.progress,
                       measuring.started, measuring.early_sink());
  if (!report.ok()) return fail(report.error());
  return finish(report.value(), options.output, measuring.started, &measuring.early);
}

int advise_command(const AdviseOptions& options, const Context& context) {
  const OrFailure<Scenario> loaded =
      typed_scenario(options.run.scenario, options.run.flags, context.environment);
  if (!loaded.ok()) return fail(loaded.failure());
  const Scenario& scenario = loaded.value();
  say_flags(scenario, options.run.output.quiet);
  const Result<AdviseQuestion> question = advise_question(scenario, options);
  if (!question.ok()) return fail(question.error());
  if (const Status checked = check_outputs(options.run.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  Measuring measuring(options.run.output, context);
  const Result<std::unique_ptr<World>> world =
      chosen_world(options.run, options.costs, options.cores, options.simulated, context,
                   question.value().grown, measuring.progress);
  if (!world.ok()) return fail(world.error());
  const Result<Report> report =
      advise(options, context, question.value(), *world.value(), measuring.progress,
             options.run.seed, measuring.started, measuring.early_sink());
  if (!report.ok()) return fail(report.error());
  return finish(report.value(), options.run.output, measuring.started, &measuring.early);
}

int sweep_command(const SweepOptions& options, const Context& context) {
  const OrFailure<Scenario> loaded =
      typed_scenario(options.run.scenario, options.run.flags, context.environment);
  if (!loaded.ok()) return fail(loaded.failure());
  const Scenario& scenario = loaded.value();
  say_flags(scenario, options.run.output.quiet);
  if (const Status can = check_over(scenario, options.over); !can.ok()) return fail(can.error());
  Result<SweepRange> range = options.sizes.empty()
                                 ? usual_range(scenario, options.over)
                                 : parse_sizes(options.sizes, options.over != "rate");
  if (!range.ok()) return fail(range.error());
  range.value().asked = !options.sizes.empty();
  if (const Status checked = check_outputs(options.run.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  Measuring measuring(options.run.output, context);
  const Result<std::unique_ptr<World>> world =
      chosen_world(options.run, options.costs, options.cores, options.simulated, context, scenario,
                   measuring.progress);
  if (!world.ok()) return fail(world.error());
  const Result<Report> report =
      sweep(options, context, scenario, std::move(range).value(), *world.value(),
            measuring.progress, options.run.seed, measuring.started, measuring.early_sink());
  if (!report.ok()) return fail(report.error());
  return finish(report.value(), options.run.output, measuring.started, &measuring.early);
}

int simulate_command(const SimulateOptions& options, const Context& context) {
  ProgressPrinter progress(progress_printer(options.output));
  OrFailure<SimulationPlan> plan = plan_simulation(options, context, progress);
  if (!plan.ok()) return fail(plan.failure());
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  const Result<Simulated> simulated =
      simulate_plan(plan.value(), options, options.output.label, context, progress);
  if (!simulated.ok()) return fail(simulated.error());
  return finish(simulated.value().report, options.output, simulated.value().started);
}

int merge_command(const MergeOptions& options, const Context& context) {
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  const OrFailure<Report> report = merge_reports(options.reports, context);
  if (!report.ok()) return fail(report.failure());
  return finish(report.value(), options.output, context.wall_clock());
}

}  // namespace poolgauge::cli
