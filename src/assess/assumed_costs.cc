// Holds are known; what statements cost is not.
#include "assess/sentences.h"

#include <algorithm>

namespace poolgauge {
namespace {

/// A statement of an ordinary request may take so long without anybody calling it slow.
constexpr double kLikely_s = 0.001;
constexpr double kHoldsDecide = 0.9;  ///< share of the connection's time

bool holds_decide(const RequestSpec& request) {
  double held_s = 0;
  double statements_s = 0;
  for (const Step& step : request.steps) {
    if (step.kind == StepKind::hold) held_s += to_s(mean_of(step.time));
    if (step.kind != StepKind::sql) continue;
    statements_s += step.cost ? to_s(mean_of(*step.cost)) : kLikely_s;
  }
  if (request.steps.size() == 1 && request.steps[0].kind == StepKind::pause) return true;
  return statements_s <= 0 || held_s >= kHoldsDecide * (held_s + statements_s);
}

bool all_held(const Scenario& scenario) {
  return std::all_of(scenario.requests.begin(), scenario.requests.end(), holds_decide);
}

/// A hold or a pause is as long as the scenario says.
bool names_sql_step(const Scenario& scenario, const Goal& goal) {
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      const bool named = goal.step == step.name || goal.step == request.name + "." + step.name;
      if (named && step.kind == StepKind::sql) return true;
    }
  }
  return false;
}

bool on_time_in_database(const Scenario& scenario, const Goal& goal) {
  if (goal.statistic == GoalStatistic::throughput) return true;
  if (goal.statistic == GoalStatistic::rate) return false;
  if (goal.metric == GoalMetric::step) return names_sql_step(scenario, goal);
  return goal.metric != GoalMetric::pool_wait;
}

bool is_refusal(FailureClass failure) {
  return failure == FailureClass::too_many_connections || failure == FailureClass::pooler_refused;
}

/// Refused connects are counted by slots, not by time.
bool refusals_miss(const Measurement& measured, const Goal& goal) {
  if (goal.statistic != GoalStatistic::rate) return false;
  double refused = 0;
  for (const FailureCount& failure : measured.failures) {
    const bool counts = goal.failure == "error" || goal.failure == name_of(failure.failure);
    if (counts && is_refusal(failure.failure)) refused += static_cast<double>(failure.count);
  }
  const auto ended = static_cast<double>(measured.requests.ended());
  return ended > 0 && refused / ended > goal.value;
}

}  // namespace

std::string how_to_give_costs() {
  return "set them with \"cost\" on the step or --statement-cost, or measure them with --calibrate";
}

std::string undecided_by_holds(const Scenario& scenario, const Goal& goal) {
  const bool unknown = on_time_in_database(scenario, goal);
  if (!unknown && (goal.metric == GoalMetric::step || all_held(scenario))) return "";
  return "not judged: the costs of the statements are assumed, not known; " + how_to_give_costs();
}

std::string not_judged_because(const Scenario& scenario, const Measurement& measured,
                               const Goal& goal) {
  if (refusals_miss(measured, goal)) return "";
  if (!measured.unsimulated_locks.empty()) {
    return "not judged: " + no_locks_words(measured.unsimulated_locks);
  }
  if (!measured.costs_assumed) return "";
  return undecided_by_holds(scenario, goal);
}

}  // namespace poolgauge
