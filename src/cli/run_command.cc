// `run`: one deployment under load against a real PostgreSQL.
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/bench.h"
#include "cli/built_in.h"
#include "cli/commands.h"
#include "cli/finish.h"
#include "cli/load.h"
#include "cli/messages.h"
#include "cli/outputs.h"
#include "cli/progress_line.h"
#include "cli/terminal.h"
#include "cli/wall_clock.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

namespace {

/// Setup, load, teardown: whatever happens in between, the teardown follows a setup that ran.
Result<Measurement> measure(Bench& bench, const RunOptions& options, const Scenario& scenario) {
  if (const Status ready = bench.prepare(scenario); !ready.ok()) return ready.error();
  Result<Measurement> measured = bench.measure(scenario, options.seed);
  const std::vector<std::string> troubles = bench.tidy_up(scenario);
  if (measured.ok()) {
    std::vector<std::string>& notes = measured.value().notes;
    notes.insert(notes.end(), troubles.begin(), troubles.end());
  }
  return measured;
}

Report report_of(const RunOptions& options, const Scenario& scenario, const Context& context,
                 const Measurement& measured, const Bench& bench, std::time_t started) {
  RunFacts facts;
  facts.pool_options = options_of_pools(scenario.deployment);
  facts.tool_version = std::string(tool_version());
  facts.command = "run";
  facts.command_line = context.command_line;
  facts.started_at = iso_time(started);
  facts.seed = options.seed;
  facts.interrupted = context.stop.requested();
  facts.target_died = bench.died();
  facts.target = bench.facts();
  return make_report(scenario, measured, facts);
}

int run_scenario(const RunOptions& options, const Context& context, const Scenario& scenario) {
  const Terminal terminal = inspect_terminal(2, options.output.no_color);
  ProgressPrinter progress(progress_mode(options.output.progress, options.output.quiet, terminal),
                           terminal);
  const std::time_t started = wall_clock();
  Result<Targets> targets = chosen_targets(options.target, context.environment, scenario);
  if (!targets.ok()) return fail(targets.error());
  Bench bench(options, context.stop, progress, std::move(targets).value());
  const Status opened = bench.open(scenario);
  Result<Measurement> measured =
      opened.ok() ? measure(bench, options, scenario) : Result<Measurement>(opened.error());
  bench.close();
  progress.finish();
  if (!measured.ok()) {
    if (measured.error().kind != ErrorKind::interrupted) return fail(measured.error());
    measured = nothing_measured(scenario);
  }
  const Report report = report_of(options, scenario, context, measured.value(), bench, started);
  return finish(report, options.output, started);
}

}  // namespace

int run_command(const RunOptions& options, const Context& context) {
  const Loaded loaded = load(options.scenario, options.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  const Scenario& scenario = std::get<Scenario>(loaded);
  if (const Status enough = check_descriptors_for(scenario); !enough.ok()) {
    return fail(enough.error());
  }
  return run_scenario(options, context, scenario);
}

}  // namespace poolgauge::cli
