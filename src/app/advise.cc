// What is checked before the search, its frame, and its report.
#include "app/trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "advise/score.h"
#include "advise/snippets.h"
#include "app/advice.h"
#include "app/advice_limits.h"
#include "app/advisor.h"
#include "app/first_size.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/sizing.h"

namespace poolgauge::app {

namespace {

constexpr double kUsualHeadroom = 0.1;

/// What can be seen to be wrong before anything is started.
Status check_question(const Scenario& scenario, const AdviseRequest& request) {
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
  if (request.budget && *request.budget < scenario.deployment.fleet()) {
    return usage_error(
        fmt::format(
            "--budget {}: the fleet has {} processes, and each needs at least one connection",
            *request.budget, scenario.deployment.fleet()),
        fmt::format("use at least --budget {}", scenario.deployment.fleet()));
  }
  const auto& ids = snippet_names();
  if (!request.snippet.empty() && request.snippet != "all" &&
      std::find(ids.begin(), ids.end(), request.snippet) == ids.end()) {
    return usage_error("--snippet: unknown name \"" + request.snippet + "\"",
                       "poolgauge size --help lists them; use --snippet all to show every one");
  }
  return success();
}

/// A run as long as the scenario's, and a limit that holds at least two of them.
Status check_time(const Scenario& scenario, const AdviseRequest& request) {
  if (!request.time_limit_s || request.simulated) return success();
  const double run_s = to_s(scenario.warmup + scenario.duration);
  if (*request.time_limit_s >= 2 * run_s) return success();
  return usage_error(
      fmt::format(
          "--time-limit {:g}s is too short for two runs of {:g} s each (warm-up and duration)",
          *request.time_limit_s, run_s),
      "raise --time-limit, or shorten the runs with --duration and --warmup");
}

std::string too_short_words(const std::vector<std::string>& all) {
  std::string text = "runs of this length are too short to judge the goals";
  for (const std::string& one : all) text += "\n  " + one;
  return text;
}

/// Open loads say how many requests a run will have; others are asked after the first run.
Status check_length(const Scenario& scenario, const AdviseRequest& request) {
  const auto* open = std::get_if<OpenLoad>(&scenario.load);
  if (open == nullptr) return success();
  constexpr double kUsual = 0.95;
  const TooShort found =
      too_short_for(scenario.goals,
                    {open->rate_per_s, to_s(scenario.duration),
                     static_cast<double>(request.confirmations), shares_of(scenario)},
                    request.confidence.value_or(kUsual));
  std::vector<std::string> all = found.quantiles;
  if (request.confidence) all.insert(all.end(), found.rates.begin(), found.rates.end());
  if (all.empty()) return success();
  return usage_error(too_short_words(all), "use a longer --duration");
}

/// Server, fleet and budget.
AdviceFrame frame_of(const Scenario& scenario, const AdviseRequest& request, const World& world) {
  AdviceFrame frame;
  frame.slots = world.slots();
  frame.server = world.server_slots();
  frame.headroom = frame.server.headroom = request.headroom.value_or(kUsualHeadroom);
  if (frame.slots) frame.slots->headroom = frame.headroom;
  frame.peak_processes = surged(scenario.deployment.instances, request.surge.value_or(0)) *
                         scenario.deployment.processes;
  frame.budget = request.budget;
  set_frame_limits(world, request.memory_mib, frame);
  frame.simulated = request.simulated;
  return frame;
}

/// The embedded server is made for what the search may ask, where the scenario does not say.
Scenario widest_of(const Scenario& scenario, const AdviseRequest& request) {
  if (max_connections_of(scenario) > 0) return with_pool(scenario, 1, 1);
  constexpr std::int64_t kUsual = 90;
  const std::int64_t fleet = scenario.deployment.fleet();
  std::int64_t total = std::max<std::int64_t>(1, kUsual / fleet);
  if (const auto clients = scenario.max_clients()) {
    constexpr std::int64_t kMost = 500;
    total = std::max(total, std::min(*clients, kMost) / fleet);
  }
  if (request.budget) total = std::max(total, *request.budget / fleet);
  return with_pool(scenario, total, total);
}

/// Why there is not a single run.
Error no_trial_measured(const Findings& findings, const Context& context) {
  if (!context.stop.requested() && !findings.undecided.empty()) {
    return usage_error(too_short_words(findings.undecided), "use a longer --duration");
  }
  return Error{ErrorKind::interrupted, "interrupted before anything was measured", ""};
}

Report advice_of(const Advisor& advisor, const Scenario& scenario, const AdviseRequest& request,
                 const Context& context, AdviceFrame frame, std::time_t started) {
  frame.seconds = std::difftime(context.wall_clock(), started);
  Report report = advised_report(scenario, advisor, frame, context.stop.requested());
  if (report.recommendation) choose_snippets(request.snippet, *report.recommendation);
  return report;
}

}  // namespace

Result<AdviseQuestion> advise_question(const Scenario& scenario, const AdviseRequest& request) {
  for (const auto check : {check_question, check_time}) {
    if (const Status good = check(scenario, request); !good.ok()) return good.error();
  }
  const Result<double> growth = growth_of(scenario, request.growth);
  if (!growth.ok()) return growth.error();
  AdviseQuestion question{*with_growth(scenario, growth.value()), growth.value()};
  if (const Status good = check_length(question.grown, request); !good.ok()) return good.error();
  return question;
}

Result<Report> advise(const AdviseRequest& request, const Context& context,
                      const AdviseQuestion& question, World& world, ProgressSink& progress,
                      std::uint64_t seed, std::time_t started,
                      const std::function<void(const Report&)>& early) {
  if (const Status opened = world.open(widest_of(question.grown, request)); !opened.ok()) {
    return opened.error();
  }
  const Scenario scenario = world.as_met(question.grown);
  AdviceFrame frame = frame_of(scenario, request, world);
  frame.growth = question.growth;
  const std::int64_t most = cap_of(frame);
  if (most < 1) return no_room(scenario, frame);
  if (const Status ready = world.prepare(with_pool(scenario, 1, 1)); !ready.ok()) {
    return ready.error();
  }
  Advisor advisor(request, context, scenario, world, progress, seed, started);
  const Status searched = advisor.search(most);
  const auto advice = [&] {
    return advice_of(advisor, scenario, request, context, frame, started);
  };
  const bool found =
      (searched.ok() || context.stop.requested()) && !advisor.findings().runs.empty();
  if (found && !world.simulated() && early) early(advice());
  const std::vector<std::string> troubles = world.close(scenario);
  progress.finish();
  if (!searched.ok() && !context.stop.requested()) return searched.error();
  if (!found) return no_trial_measured(advisor.findings(), context);
  Report report = advice();
  report.notes.insert(report.notes.end(), troubles.begin(), troubles.end());
  return report;
}

}  // namespace poolgauge::app
