// Goals of a simulation that nobody told what its statements cost.
#include <catch2/catch.hpp>

#include "assess/goals.h"
#include "assess/sentences.h"
#include "assess/verdict.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Goal goal_on(GoalStatistic statistic, GoalMetric metric, double value) {
  Goal goal;
  goal.text = "the goal";
  goal.statistic = statistic;
  goal.metric = metric;
  goal.value = value;
  return goal;
}

Goal rate_of(const std::string& failure) {
  Goal goal = goal_on(GoalStatistic::rate, GoalMetric::none, 0);
  goal.failure = failure;
  goal.op = GoalOp::less_equal;
  return goal;
}

/// A statement and a hold of this length.
Scenario holding(Duration hold, Goal goal) {
  Scenario scenario;
  RequestSpec request;
  request.name = "chat";
  request.steps.resize(2);
  request.steps[0].name = "read";
  request.steps[1].name = "model";
  request.steps[1].kind = StepKind::hold;
  request.steps[1].time = FixedDuration{hold};
  scenario.requests = {request};
  scenario.goals = {std::move(goal)};
  return scenario;
}

Measurement simulated(bool assumed) {
  Measurement m;
  m.window = 10s;
  m.simulated = true;
  m.costs_assumed = assumed;
  m.requests.completed = 1000;
  m.latency.record_n(100ms, 1000);
  m.pool_wait.record_n(1ms, 1000);
  m.connection_time.record_n(50ms, 1000);
  return m;
}

bool judged(Duration hold, const Goal& goal, bool assumed = true) {
  return judge_goals(holding(hold, goal), simulated(assumed)).at(0).outcome !=
         GoalOutcome::unsupported;
}

TEST_CASE("goals on time in the database and on throughput are not judged") {
  for (const GoalMetric metric : {GoalMetric::latency, GoalMetric::connection_time}) {
    CHECK_FALSE(judged(1s, goal_on(GoalStatistic::p95, metric, 1)));
    CHECK(judged(1s, goal_on(GoalStatistic::p95, metric, 1), false));
  }
  CHECK_FALSE(judged(1s, goal_on(GoalStatistic::throughput, GoalMetric::none, 1)));
}

TEST_CASE("pool waits and rates are judged where holds decide them") {
  const Goal wait = goal_on(GoalStatistic::p95, GoalMetric::pool_wait, 1);
  CHECK(judged(150ms, wait));
  CHECK(judged(150ms, rate_of("pool_timeout")));
  CHECK_FALSE(judged(2ms, wait));
  CHECK_FALSE(judged(2ms, rate_of("error")));
  Scenario told = holding(2ms, wait);
  told.requests[0].steps[0].cost = FixedDuration{10us};
  CHECK(undecided_by_holds(told, wait).empty());
}

TEST_CASE("a hold's own time is what the scenario says, a statement's is not") {
  Goal step = goal_on(GoalStatistic::p95, GoalMetric::step, 1);
  step.step = "model";
  CHECK(undecided_by_holds(holding(1ms, step), step).empty());
  step.step = "chat.read";
  CHECK_FALSE(undecided_by_holds(holding(1s, step), step).empty());
}

TEST_CASE("refused connects miss a goal whatever statements cost") {
  Measurement m = simulated(true);
  m.requests.failed = 200;
  m.failures = {{Phase::connect, FailureClass::pooler_refused, "08P01", 200, "no more"}};
  const JudgedGoal refused = judge_goals(holding(0ms, rate_of("error")), m).at(0);
  CHECK(refused.outcome == GoalOutcome::missed);
  m.failures[0].failure = FailureClass::pool_timeout;
  const JudgedGoal late = judge_goals(holding(0ms, rate_of("error")), m).at(0);
  CHECK(late.outcome == GoalOutcome::unsupported);
}

TEST_CASE("what is not judged makes the verdict inconclusive and says how to mend it") {
  const Goal goal = goal_on(GoalStatistic::p95, GoalMetric::latency, 1);
  const auto goals = judge_goals(holding(150ms, goal), simulated(true));
  Circumstances circumstances;
  circumstances.completed = circumstances.ended = 1000;
  const Verdict verdict = decide(goals, circumstances);
  CHECK(verdict.exit_code == 12);
  REQUIRE(verdict.reasons.size() == 1);
  for (const char* piece : {"the goal: not judged", "\"cost\"", "--statement-cost", "--calibrate"})
    CHECK(verdict.reasons[0].find(piece) != std::string::npos);
  CHECK_FALSE(verdict.goals[0].judged());
  CHECK(verdict.goals[0].open_by == GoalResult::OpenBy::costs);
  CHECK(judged_before(verdict.goals[0]).reason == verdict.reasons[0]);
  GoalResult older = verdict.goals[0];  // of a report without "why"
  older.why.clear();
  CHECK(judged_before(older).reason.find("--calibrate") != std::string::npos);
}

}  // namespace
}  // namespace poolgauge
