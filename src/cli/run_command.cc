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
#include "cli/measure.h"
#include "cli/messages.h"
#include "cli/outputs.h"
#include "cli/progress_line.h"
#include "cli/surroundings.h"
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
  facts.label = options.output.label;
  facts.commit = commit_under_test(context.environment);
  facts.machine = machine_facts();
  facts.seed = options.seed;
  facts.interrupted = context.stop.requested();
  facts.target_died = bench.died();
  facts.target_last_words = bench.last_words();
  facts.target = bench.facts();
  return make_report(scenario, measured, facts);
}

}  // namespace

Result<Report> measure_scenario(const RunOptions& options, const Context& context,
                                const Scenario& scenario, ProgressPrinter& progress,
                                std::time_t started) {
  if (const Status enough = check_descriptors_for(scenario); !enough.ok()) return enough.error();
  Result<Targets> targets = chosen_targets(options.target, context.environment, scenario);
  if (!targets.ok()) return targets.error();
  Bench bench(options, context.stop, progress, std::move(targets).value());
  bench.let_goals_end_runs();
  const Status opened = bench.open(scenario);
  Result<Measurement> measured =
      opened.ok() ? measure(bench, options, scenario) : Result<Measurement>(opened.error());
  bench.close();
  progress.finish();
  if (!measured.ok()) {
    if (measured.error().kind != ErrorKind::interrupted) return measured.error();
    measured = nothing_measured(scenario);
  }
  return report_of(options, scenario, context, measured.value(), bench, started);
}

int run_command(const RunOptions& options, const Context& context) {
  const Loaded loaded = load(options.scenario, options.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  const Terminal terminal = inspect_terminal(2, options.output.no_color);
  ProgressPrinter progress(progress_mode(options.output.progress, options.output.quiet, terminal),
                           terminal);
  const std::time_t started = wall_clock();
  const Result<Report> report =
      measure_scenario(options, context, std::get<Scenario>(loaded), progress, started);
  return report.ok() ? finish(report.value(), options.output, started) : fail(report.error());
}

}  // namespace poolgauge::cli
