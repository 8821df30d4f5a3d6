// `advise`: the smallest pools that meet the goals.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "advise/goal_score.h"
#include "advise/snippets.h"
#include "cli/advice_limits.h"
#include "cli/advice_report.h"
#include "cli/advisor.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/commands/load.h"
#include "cli/commands/outputs.h"
#include "cli/grown_load.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "cli/sweep_plan.h"
#include "cli/trial_report.h"
#include "cli/world.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/sizing.h"

namespace poolgauge::cli {

namespace {

constexpr double kUsualHeadroom = 0.1;

/// What can be seen to be wrong before anything is started.
Status check_question(const Scenario& scenario, const AdviseOptions& options) {
  const std::string& kind = scenario.deployment.pool.kind;
  if (!sizing_options(kind)) {
    return usage_error(fmt::format("--pool {}: this kind of pool has no size to recommend", kind),
                       "choose another kind with --pool");
  }
  if (scenario.goals.empty()) {
    return usage_error("advise needs at least one goal, and the scenario has none",
                       "add --slo 'p95(latency) < 500ms', or \"slo\" in the scenario");
  }
  for (const std::string& wrong : {contradiction_of(scenario.goals), contradiction_of(scenario)}) {
    if (!wrong.empty()) {
      return usage_error("no pool size can meet these goals: " + wrong, "change one of them");
    }
  }
  if (options.budget && *options.budget < scenario.deployment.fleet()) {
    return usage_error(
        fmt::format(
            "--budget {}: the fleet has {} processes, and each needs at least one connection",
            *options.budget, scenario.deployment.fleet()),
        fmt::format("use at least --budget {}", scenario.deployment.fleet()));
  }
  const auto& ids = snippet_names();
  if (!options.snippet.empty() && options.snippet != "all" &&
      std::find(ids.begin(), ids.end(), options.snippet) == ids.end()) {
    return usage_error("--snippet: unknown name \"" + options.snippet + "\"",
                       "poolgauge size --help lists them; use --snippet all to show every one");
  }
  return success();
}

/// A run as long as the scenario's, and a limit that holds at least two of them.
Status check_time(const Scenario& scenario, const AdviseOptions& options) {
  if (!options.time_limit_s || options.simulated) return success();
  const double run_s = to_s(scenario.warmup + scenario.duration);
  if (*options.time_limit_s >= 2 * run_s) return success();
  return usage_error(
      fmt::format("--time-limit {:g}s is less than two runs of {:g} s (warm-up and duration)",
                  *options.time_limit_s, run_s),
      "raise --time-limit, or shorten the runs with --duration and --warmup");
}

/// Open loads say how many requests a run will have; others are asked after the first run.
Status check_length(const Scenario& scenario, const AdviseOptions& options) {
  const auto* open = std::get_if<OpenLoad>(&scenario.load);
  if (open == nullptr) return success();
  constexpr double kUsual = 0.95;
  const TooShort found =
      too_short_for(scenario.goals,
                    {open->rate_per_s, to_s(scenario.duration),
                     static_cast<double>(options.confirmations), shares_of(scenario)},
                    options.confidence.value_or(kUsual));
  std::vector<std::string> all = found.quantiles;
  if (options.confidence) all.insert(all.end(), found.rates.begin(), found.rates.end());
  if (all.empty()) return success();
  std::string text = "runs of this length are too short to judge the goals";
  for (const std::string& one : all) text += "\n  " + one;
  return usage_error(text, "use a longer --duration");
}

/// Server, fleet and budget.
AdviceFrame frame_of(const Scenario& scenario, const AdviseOptions& options, const World& world) {
  AdviceFrame frame;
  frame.slots = world.slots();
  frame.server = world.server_slots();
  frame.headroom = frame.server.headroom = options.headroom.value_or(kUsualHeadroom);
  if (frame.slots) frame.slots->headroom = frame.headroom;
  frame.peak_processes = surged(scenario.deployment.instances, options.surge.value_or(0)) *
                         scenario.deployment.processes;
  frame.budget = options.budget;
  set_frame_limits(world, options.memory_mib, frame);
  frame.simulated = options.simulated;
  return frame;
}

/// The embedded server is made for what the search may ask, where the scenario does not say.
Scenario widest_of(const Scenario& scenario, const AdviseOptions& options) {
  if (max_connections_of(scenario) > 0) return with_pool(scenario, 1, 1);
  constexpr std::int64_t kUsual = 90;
  const std::int64_t fleet = scenario.deployment.fleet();
  std::int64_t total = std::max<std::int64_t>(1, kUsual / fleet);
  if (const auto clients = scenario.max_clients()) {
    constexpr std::int64_t kMost = 500;
    total = std::max(total, std::min(*clients, kMost) / fleet);
  }
  if (options.budget) total = std::max(total, *options.budget / fleet);
  return with_pool(scenario, total, total);
}

Report advice_of(const Advisor& advisor, const Scenario& scenario, const AdviseOptions& options,
                 const Context& context, AdviceFrame frame, std::time_t started) {
  frame.seconds = std::difftime(wall_clock(), started);
  Report report = advised_report(scenario, advisor, frame, context.stop.requested());
  if (report.recommendation) choose_snippets(options.snippet, *report.recommendation);
  return report;
}

/// Leaves the world when the files are written: tidying up may fail, or never end.
int finish_advice(const Advisor& advisor, const Status& searched, const Scenario& scenario,
                  const AdviseOptions& options, const Context& context, const AdviceFrame& frame,
                  Stage& stage) {
  const auto advice = [&] {
    return advice_of(advisor, scenario, options, context, frame, stage.started);
  };
  World& world = *stage.world.value();
  const bool found =
      (searched.ok() || context.stop.requested()) && !advisor.findings().runs.empty();
  EarlyReport early(options.run.output, stage.started);
  if (found && !world.simulated()) early.write(advice());
  const std::vector<std::string> troubles = world.close(scenario);
  stage.progress.finish();
  if (!searched.ok() && !context.stop.requested()) return fail(searched.error());
  if (!found) {
    return fail(Error{ErrorKind::interrupted, "interrupted before anything was measured", ""});
  }
  Report report = advice();
  report.notes.insert(report.notes.end(), troubles.begin(), troubles.end());
  return finish(report, options.run.output, stage.started, &early);
}

/// `asked`: with the growth.
int advise_scenario(const AdviseOptions& options, const Context& context, const Scenario& asked,
                    double growth) {
  Stage stage(options, context, asked);
  if (!stage.world.ok()) return fail(stage.world.error());
  World& world = *stage.world.value();
  if (const Status opened = world.open(widest_of(asked, options)); !opened.ok()) {
    return fail(opened.error());
  }
  const Scenario scenario = world.as_met(asked);
  AdviceFrame frame = frame_of(scenario, options, world);
  frame.growth = growth;
  const std::int64_t most = cap_of(frame);
  if (most < 1) return fail(no_room(scenario, frame));
  if (const Status ready = world.prepare(with_pool(scenario, 1, 1)); !ready.ok()) {
    return fail(ready.error());
  }
  Advisor advisor(options, context, scenario, world, stage.progress, stage.started);
  const Status searched = advisor.search(most);
  return finish_advice(advisor, searched, scenario, options, context, frame, stage);
}

}  // namespace

int advise_command(const AdviseOptions& options, const Context& context) {
  const Loaded loaded = load(options.run.scenario, options.run.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  const Scenario& scenario = std::get<Scenario>(loaded);
  say_flags(scenario, options.run.output.quiet);
  for (const auto check : {check_question, check_time}) {
    if (const Status good = check(scenario, options); !good.ok()) return fail(good.error());
  }
  const Result<double> growth = growth_of(scenario, options.growth);
  if (!growth.ok()) return fail(growth.error());
  const Scenario grown = *with_growth(scenario, growth.value());
  if (const Status good = check_length(grown, options); !good.ok()) return fail(good.error());
  if (const Status checked = check_outputs(options.run.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  return advise_scenario(options, context, grown, growth.value());
}

}  // namespace poolgauge::cli
