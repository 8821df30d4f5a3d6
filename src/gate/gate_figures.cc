// Which figures a gate compares, and reading them off a report.
#include <algorithm>
#include <array>
#include <cmath>

#include "assess/sentences.h"
#include "assess/verdict.h"
#include "gate/gate.h"

namespace poolgauge {
namespace {

Goal figure(GoalStatistic statistic, GoalMetric metric) {
  Goal goal;
  goal.statistic = statistic;
  goal.metric = metric;
  return goal;
}

Goal rate(const std::string& failure) {
  Goal goal = figure(GoalStatistic::rate, GoalMetric::none);
  goal.failure = failure;
  return goal;
}

GateRule rule(const std::string& name, Goal of, bool gated) {
  GateRule made{name, std::move(of), gated, 0};
  made.margin = usual_margin(made.figure);
  return made;
}

}  // namespace

std::string unusable_run(const Report& report) {
  if (report.client_saturated) return "the load generator was saturated";
  if (report.verdict.status == VerdictStatus::interrupted) return "the run was interrupted";
  if (report.verdict.status == VerdictStatus::guard) return "a safety guard stopped the run";
  if (report.partial) return "the run ended early";
  if (report.requests.ended() == 0) return "no request finished";
  for (const Outage& outage : report.outages) {
    if (!outage.end) return "the server was down at the end of the run";
  }
  return "";
}

double usual_margin(const Goal& of) {
  switch (of.statistic) {
    case GoalStatistic::rate: return 0.001;
    case GoalStatistic::throughput:
    case GoalStatistic::mean:
    case GoalStatistic::p50: return 0.05;
    case GoalStatistic::p90:
    case GoalStatistic::p95: return 0.10;
    case GoalStatistic::p99: return 0.15;
    case GoalStatistic::p999:
    case GoalStatistic::max: return 0.25;
  }
  return 0.10;
}

std::vector<GateRule> usual_rules(const std::vector<StepSummary>& steps, bool open_load,
                                  const std::vector<RequestKind>& kinds) {
  std::vector<GateRule> rules{
      rule("throughput", figure(GoalStatistic::throughput, GoalMetric::none), !open_load),
      rule("p95(latency)", figure(GoalStatistic::p95, GoalMetric::latency), true),
      rule("rate(error)", rate("error"), true),
      rule("p50(latency)", figure(GoalStatistic::p50, GoalMetric::latency), open_load),
      rule("p99(latency)", figure(GoalStatistic::p99, GoalMetric::latency), false),
      rule("p95(pool_wait)", figure(GoalStatistic::p95, GoalMetric::pool_wait), false),
      rule("p95(connection_time)", figure(GoalStatistic::p95, GoalMetric::connection_time), false)};
  for (const RequestKind& kind : kinds) {
    if (kinds.size() < 2) break;
    Goal of = figure(GoalStatistic::p95, GoalMetric::latency);
    of.request = kind.request;
    rules.push_back(rule("p95(latency) for request " + kind.request, of, false));
  }
  for (const StepSummary& step : steps) {
    if (step.kind != "sql") continue;
    Goal of = figure(GoalStatistic::p50, GoalMetric::step);
    of.step = step.request + "." + step.name;
    rules.push_back(rule("p50(step:" + of.step + ")", of, false));
  }
  return rules;
}

GateRun gate_run(const Report& report, const std::string& source,
                 const std::vector<GateRule>& rules) {
  GateRun run;
  run.source = source;
  run.unusable = unusable_run(report);
  for (const GateRule& one : rules) {
    GoalValue found = saved_value(report, one.figure);
    // A goal on the same figure has more digits: both show one number.
    for (const GoalResult& goal : report.verdict.goals) {
      if (found.value && goal.measured && goal_subject(goal.goal) == one.name) {
        found.value = goal.measured;
      }
    }
    const bool unknown = !found.value && found.at_least;
    run.values.push_back(unknown ? found.at_least : found.value);
    run.bounds.push_back(unknown);
  }
  return run;
}

std::size_t fewest_pairs(std::size_t gated, double alpha) {
  // All differences of one sign: 2^-n one-sided for Holm's first, twice that for the interval.
  std::size_t n = 1;
  const double claims = static_cast<double>(std::max<std::size_t>(gated, 1));
  while (std::ldexp(1.0, -static_cast<int>(n)) > std::min(alpha / 2, alpha / claims)) ++n;
  return n;
}

}  // namespace poolgauge
