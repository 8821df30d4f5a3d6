// From one run to its report and its place on a curve.
#include "app/trials.h"

#include <algorithm>
#include <utility>

#include "app/surroundings.h"
#include "assess/sentences.h"

namespace poolgauge::app {

Report trial_report(const Scenario& scenario, const Measurement& measured, const World& world,
                    const Context& context, std::uint64_t seed, std::time_t started) {
  RunFacts facts;
  facts.pool_options = options_of_pools(scenario.deployment);
  facts.tool_version = context.tool_version;
  facts.command_line = context.command_line;
  facts.started_at = iso_time(started);
  facts.commit = commit_under_test(context.environment);
  if (!world.simulated()) facts.machine = machine_facts();
  facts.seed = seed;
  facts.interrupted = context.stop.requested() && measured.partial;
  facts.target_died = world.died();
  facts.target_last_words = world.last_words();
  facts.target = world.facts();
  facts.guards = world.guard_log();
  return make_report(scenario, measured, facts);
}

std::string unusable_because(const Report& report) {
  if (report.verdict.status == VerdictStatus::guard) return report.verdict.reasons.front();
  if (report.partial) return "interrupted";
  const bool spoiled = report.client_saturated;
  if (report.verdict.status == VerdictStatus::inconclusive && !report.verdict.reasons.empty() &&
      (spoiled || report.requests.ended() == 0 ||
       report.verdict.reasons.front().starts_with("the target died"))) {
    return report.verdict.reasons.front();
  }
  return mostly_stalled(unserved(report), from_s(report.window_s));
}

CurvePoint curve_point(double at, const Report& report) {
  CurvePoint point;
  point.at = at;
  point.throughput_per_s = report.throughput_per_s;
  point.latency_p50_ms = report.latency.p50;
  point.latency_p95_ms = report.latency.p95;
  point.latency_p99_ms = report.latency.p99;
  point.pool_wait_p95_ms = report.pool_wait.p95;
  point.rate_pool_timeout = report.rate_pool_timeout;
  point.rate_error = report.rate_error;
  if (!report.pools.empty()) point.utilization = report.pools.front().utilization_mean;
  point.note = unusable_because(report);
  point.usable = point.note.empty();
  const auto& goals = report.verdict.goals;
  if (!goals.empty() &&
      std::all_of(goals.begin(), goals.end(), [](const GoalResult& g) { return g.judged(); })) {
    point.goals_met =
        report.verdict.unjudged.empty() &&
        std::all_of(goals.begin(), goals.end(), [](const GoalResult& g) { return g.met; });
  }
  return point;
}

}  // namespace poolgauge::app
