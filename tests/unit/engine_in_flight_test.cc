// What was in flight when the window ended: its age as a whole, of its step, of its wait, of its
// kind, and at the end of every second that it spanned.
#include "engine_requests.h"

namespace poolgauge {
namespace {

using namespace test;

Reply lasting(Duration takes, FailureClass failure = FailureClass::none) {
  Reply reply;
  reply.failure = failure;
  reply.takes = takes;
  return reply;
}

const InFlightAges& ages_of(EngineWorld& world) {
  return world.measured().in_flight;
}

/// Requests of one user each, due at these times; a stop at the end of the window of one second.
void run_until_second(EngineWorld& world, std::vector<Duration> dues) {
  world.scope.spawn(stop_at(world, at(1s), true));
  run_requests(world, std::move(dues));
  world.recorder.check_books();
}

TEST_CASE("a request in a hold, and one that waits for its connection", "[in_flight]") {
  Scenario scenario = scenario_of({sql_step("a"), hold_step(1h)});
  set_pool(scenario, 1, 0);
  EngineWorld world(scenario, 1s);
  world.server.exchange_takes = 50ms;
  run_until_second(world, {100ms, 300ms});
  const InFlightAges& ages = ages_of(world);
  CHECK(world.measured().requests.in_flight == 2);
  CHECK(ages.latency.count() == 2);
  CHECK(ages.latency.max() == 900ms);
  CHECK(ages.latency.min() == 700ms);
  CHECK(ages.response.sum_ns() == 1.6e9);
  CHECK(ages.pool_wait.count() == 1);
  CHECK(ages.pool_wait.max() == 700ms);
  CHECK(ages.connection_time.count() == 1);
  CHECK(ages.connection_time.max() == 900ms);
  CHECK(ages.steps[0].empty());
  CHECK(ages.steps[1].max() == 850ms);
  REQUIRE(ages.requests.size() == 1);
  CHECK(ages.requests[0].count() == 2);
  CHECK(world.measured().latency.empty());
}

TEST_CASE("a request in a statement, in a pause, at its commit", "[in_flight]") {
  EngineWorld statement(scenario_of({sql_step("a"), sql_step("b")}), 1s);
  statement.server.replies["step1"].push_back(lasting(1h));
  statement.server.exchange_takes = 100ms;
  run_until_second(statement, {0ms});
  CHECK(ages_of(statement).steps[1].max() == 900ms);
  CHECK(ages_of(statement).steps[0].empty());

  EngineWorld pausing(scenario_of({sql_step("a"), pause_step(1h)}), 1s);
  pausing.server.exchange_takes = 100ms;
  run_until_second(pausing, {0ms});
  CHECK(ages_of(pausing).steps[1].max() == 900ms);

  EngineWorld committing(scenario_of({sql_step("a")}, TransactionMode::read_write), 1s);
  committing.server.replies["commit"].push_back(lasting(1h));
  run_until_second(committing, {200ms});
  CHECK(ages_of(committing).latency.max() == 800ms);
  CHECK(ages_of(committing).steps[0].empty());
}

TEST_CASE("what ends after the window had its age at the window's end", "[in_flight]") {
  EngineWorld world(scenario_of({hold_step(700ms), hold_step(700ms)}), 1s);
  run_requests(world, {500ms});
  const InFlightAges& ages = ages_of(world);
  CHECK(ages.latency.max() == 500ms);
  CHECK(ages.steps[0].max() == 500ms);
  CHECK(ages.steps[1].empty());
  CHECK(ages.connection_time.max() == 500ms);
  world.recorder.check_books();
}

TEST_CASE("a request carried into the window counts with its whole age", "[in_flight]") {
  const Scenario scenario = scenario_of({sql_step("a")});
  Recorder recorder(scenario, at(1s), at(3s));
  RequestTrace trace;
  trace.steps.resize(1);
  trace.reset(0, at(200ms), at(200ms));
  recorder.begun(at(200ms));
  Outcome stopped;
  stopped.failure = FailureClass::stopped;
  recorder.failed(at(4s), trace, Phase::step, stopped, "");
  recorder.never_begun(at(2900ms));
  CHECK(recorder.measured().in_flight.latency.max() == 2800ms);
  CHECK(recorder.measured().in_flight.latency.min() == 100ms);
  CHECK(recorder.measured().in_flight.requests[0].count() == 1);
  recorder.check_books();
}

TEST_CASE("an interrupted run takes the ages where it was cut", "[in_flight]") {
  const Scenario scenario = scenario_of({sql_step("a")});
  Recorder recorder(scenario, at(0s), at(10s));
  RequestTrace trace;
  trace.window_end = &recorder.window_end();
  trace.steps.resize(1);
  trace.reset(0, at(1s), at(1s));
  recorder.begun(at(1s));
  recorder.cut(at(4s));
  trace.passed(SpanKind::sql, 0, at(2s), at(5s));
  Outcome stopped;
  stopped.failure = FailureClass::stopped;
  recorder.failed(at(5s), trace, Phase::step, stopped, "");
  CHECK(recorder.measured().in_flight.latency.max() == 3s);
  CHECK(recorder.measured().in_flight.steps[0].max() == 2s);
}

Goal window_goal(GoalMetric metric) {
  Goal goal;
  goal.text = "a goal";
  goal.statistic = GoalStatistic::p95;
  goal.metric = metric;
  goal.step = "hold";
  goal.over = 2s;
  goal.value = 1;
  return goal;
}

TEST_CASE("a goal over windows knows every age at the end of each second", "[in_flight]") {
  Scenario scenario = scenario_of({sql_step("a"), hold_step(2s)});
  scenario.goals = {window_goal(GoalMetric::latency), window_goal(GoalMetric::step),
                    window_goal(GoalMetric::connection_time), window_goal(GoalMetric::pool_wait)};
  set_pool(scenario, 1, 0);
  EngineWorld world(scenario, 4s);
  world.server.exchange_takes = 100ms;
  // The first from 0.5 to 2.6 s; the second waits until then, and is in flight at the end.
  run_requests(world, {500ms, 700ms});
  const auto seconds = [&world](std::size_t goal) { return world.measured().tracks[goal].seconds; };
  CHECK(seconds(0)[0].ages.count() == 2);
  CHECK(seconds(0)[0].ages.max() == 500ms);
  CHECK(seconds(0)[1].ages.max() == 1500ms);
  CHECK(seconds(0)[2].ages.count() == 1);
  CHECK(seconds(0)[2].ages.max() == 2300ms);
  CHECK(seconds(0)[3].ages.max() == 3300ms);
  CHECK(seconds(1)[0].ages.max() == 400ms);  // of the hold
  CHECK(seconds(1)[3].ages.max() == 1300ms);
  CHECK(seconds(2)[1].ages.max() == 1500ms);  // with the connection
  CHECK(seconds(3)[1].ages.max() == 1300ms);  // waiting for it
  CHECK(seconds(3)[2].ages.empty());
}

TEST_CASE("a request that fails later is no lower bound of a latency", "[in_flight]") {
  Scenario scenario = scenario_of({sql_step("a")});
  scenario.goals = {window_goal(GoalMetric::latency)};
  EngineWorld world(scenario, 4s);
  world.server.replies["step0"].push_back(lasting(2s, FailureClass::sql_error));
  run_requests(world, {500ms});
  CHECK(world.measured().requests.failed == 1);
  CHECK(world.measured().tracks[0].seconds[1].ages.empty());
}

}  // namespace
}  // namespace poolgauge
