// The life of a request, its happy and its unhappy ends, in front of a scripted server.
#include "engine/user.h"

#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;
using Log = std::vector<std::string>;

/// One request of a user, due at `when`.
Task<> request_at(EngineWorld& world, std::uint32_t user, TimePoint when) {
  co_await SleepUntil(world.loop, when);
  co_await run_request(world.seat(user), when);
}
void run_requests(EngineWorld& world, std::vector<Duration> dues) {
  std::uint32_t user = 0;
  for (const Duration due : dues) world.scope.spawn(request_at(world, user++, at(due)));
  world.run();
}
const FailureCount& only_failure(EngineWorld& world) {
  REQUIRE(world.measured().failures.size() == 1);
  return world.measured().failures[0];
}

TEST_CASE("a request in a transaction: begin, steps, commit, and where the time went", "[user]") {
  EngineWorld world(
      scenario_of({sql_step("a"), hold_step(30ms), sql_step("b")}, TransactionMode::read_write));
  world.server.connect_takes = 20ms;
  world.server.exchange_takes = 2ms;
  run_requests(world, {5ms});
  CHECK(world.server.log == Log{"connect 1", "begin 1", "step0 1", "step2 1", "commit 1"});
  const Measurement& m = world.measured();
  CHECK(m.requests.completed == 1);
  CHECK(m.latency.max() == 58ms);
  CHECK(m.response.max() == 58ms);
  CHECK(m.pool_wait.max() == 20ms);
  CHECK(m.connection_time.max() == 38ms);
  CHECK(m.phases.pool_wait_ns == 20e6);
  CHECK(m.phases.begin_ns == 2e6);
  CHECK(m.phases.sql_ns == 4e6);
  CHECK(m.phases.hold_ns == 30e6);
  CHECK(m.phases.commit_ns == 2e6);
  CHECK(m.phases.other_ns == 0);
  CHECK(m.steps[0].max() == 2ms);
  CHECK(m.steps[1].max() == 30ms);
}

TEST_CASE("a request without a transaction sends its steps only", "[user]") {
  EngineWorld world(scenario_of({sql_step("a"), sql_step("b")}));
  run_requests(world, {0ms, 10ms});
  CHECK(world.server.log == Log{"connect 1", "step0 1", "step1 1", "step0 1", "step1 1"});
}

TEST_CASE("an SQL error in a transaction rolls back and counts once", "[user]") {
  EngineWorld world(scenario_of({sql_step("a"), sql_step("b")}, TransactionMode::read_write));
  world.server.exchange_takes = 1ms;
  world.server.replies["step0"] = {{FailureClass::sql_error, "23505"}};
  run_requests(world, {0ms, 10ms});
  CHECK(world.server.log == Log{"connect 1", "begin 1", "step0 1", "rollback 1", "begin 1",
                                "step0 1", "step1 1", "commit 1"});
  CHECK(world.measured().requests.failed == 1);
  CHECK(world.measured().requests.completed == 1);
  CHECK(world.measured().latency.count() == 1);
  const FailureCount& failure = only_failure(world);
  CHECK(failure.phase == Phase::step);
  CHECK(failure.failure == FailureClass::sql_error);
  CHECK(failure.sqlstate == "23505");
  CHECK(failure.count == 1);
  CHECK(failure.example == "failed: step0");
}

TEST_CASE("an SQL error outside a transaction needs no rollback", "[user]") {
  EngineWorld world(scenario_of({sql_step("a")}));
  world.server.replies["step0"] = {{FailureClass::sql_error, "42601"}};
  run_requests(world, {0ms});
  CHECK(world.server.log == Log{"connect 1", "step0 1"});
  CHECK(world.process.pools[0]->counts().idle == 1);
}

TEST_CASE("begin and commit fail in their own phases", "[user]") {
  EngineWorld world(scenario_of({sql_step("a")}, TransactionMode::serializable));
  SECTION("begin, on a connection that died while it was idle") {
    world.server.replies["begin"] = {{}, {FailureClass::connection_lost, "", true}};
    run_requests(world, {0ms, 10ms, 20ms});
    CHECK(only_failure(world).phase == Phase::begin);
    // Nothing is sent on it any more; the next request gets a fresh one.
    CHECK(world.server.log == Log{"connect 1", "begin 1", "step0 1", "commit 1", "begin 1",
                                  "close 1", "connect 2", "begin 2", "step0 2", "commit 2"});
  }
  SECTION("commit, refused by the server") {
    world.server.replies["commit"] = {{FailureClass::serialization, "40001"}};
    run_requests(world, {0ms});
    CHECK(only_failure(world).phase == Phase::commit);
    CHECK(only_failure(world).failure == FailureClass::serialization);
    CHECK(only_failure(world).count == 1);
  }
}

TEST_CASE("a rollback that fails, too, adds no second failure", "[user]") {
  EngineWorld world(scenario_of({sql_step("a")}, TransactionMode::read_write));
  world.server.replies["step0"] = {{FailureClass::deadlock, "40P01"}};
  world.server.replies["rollback"] = {{FailureClass::connection_lost, "", true}};
  run_requests(world, {0ms});
  CHECK(world.measured().requests.failed == 1);
  CHECK(only_failure(world).failure == FailureClass::deadlock);
  CHECK(world.server.open == 0);
}

Task<> stop_at(EngineWorld& world, TimePoint when, bool firmly) {
  co_await SleepUntil(world.loop, when);
  firmly ? world.stops.stop_firmly() : world.stops.stop_gently();
}

RetrySpec retry_of(std::uint32_t max, Duration backoff) {
  RetrySpec retry;
  retry.on = {SqlState{"40001"}, SqlState{"40P01"}};
  retry.max = max;
  retry.backoff = FixedDuration{backoff};
  return retry;
}

TEST_CASE("a retry gives the connection back, waits, and does the whole request again",
          "[user][retry]") {
  Scenario scenario = scenario_of({sql_step("a"), sql_step("b")}, TransactionMode::read_write);
  scenario.requests[0].retry = retry_of(3, 10ms);
  set_pool(scenario, 1, 0);
  EngineWorld world(scenario);
  world.server.exchange_takes = 1ms;
  world.server.replies["step1"] = {{FailureClass::serialization, "40001"},
                                   {FailureClass::deadlock, "40P01"}};
  // The second uses the connection while the first one waits.
  run_requests(world, {0ms, 5ms});
  CHECK(world.server.log ==
        Log{"connect 1", "begin 1", "step0 1", "step1 1", "rollback 1",  // until 4
            "begin 1", "step0 1", "step1 1", "rollback 1",               // the second's, until 9
            "begin 1", "step0 1", "step1 1", "commit 1",                 // the first again, from 14
            "begin 1", "step0 1", "step1 1", "commit 1"});               // the second, from 19
  const Measurement& m = world.measured();
  CHECK(m.requests.completed == 2);
  CHECK(m.requests.failed == 0);
  CHECK(m.failures.empty());
  CHECK(m.retries.requests == 2);
  CHECK(m.retries.completed == 2);
  REQUIRE(m.retries.causes.size() == 2);
  CHECK(m.retries.causes[0].sqlstate == "40001");
  CHECK(m.retries.causes[1].count == 1);
  CHECK(m.latency.min() == 18ms);
  CHECK(m.latency.max() == 18ms);
  CHECK(m.phases.backoff_ns == 20e6);
  CHECK(m.phases.other_ns == 0);
  CHECK(m.connection_time.max() == 8ms);
  CHECK(m.pool_wait.count() == 4);
}

TEST_CASE("each back-off is longer than the one before; the last failure is the request's",
          "[user][retry]") {
  Scenario scenario = scenario_of({sql_step("a")});
  scenario.requests[0].retry = retry_of(3, 10ms);
  EngineWorld world(scenario);
  for (int i = 0; i < 4; ++i) {
    world.server.replies["step0"].push_back({FailureClass::serialization, "40001"});
  }
  run_requests(world, {0ms});
  CHECK(world.now() == 10ms + 20ms + 40ms);
  const Measurement& m = world.measured();
  CHECK(m.requests.failed == 1);
  CHECK(only_failure(world).sqlstate == "40001");
  CHECK(only_failure(world).example == "failed: step0");
  CHECK(m.retries.requests == 1);
  CHECK(m.retries.completed == 0);
  REQUIRE(m.retries.causes.size() == 1);
  CHECK(m.retries.causes[0].count == 3);
}

TEST_CASE("what is not in the list is not tried again, nor is anything unless asked",
          "[user][retry]") {
  const bool asked = GENERATE(true, false);
  Scenario scenario = scenario_of({sql_step("a")});
  if (asked) scenario.requests[0].retry = retry_of(3, 10ms);
  EngineWorld world(scenario);
  const char* state = asked ? "23505" : "40001";
  world.server.replies["step0"] = {{FailureClass::sql_error, state}};
  run_requests(world, {0ms});
  CHECK(only_failure(world).sqlstate == state);
  CHECK(world.measured().retries.requests == 0);
  CHECK(world.measured().retries.causes.empty());
}

TEST_CASE("the deadline counts from the intended start, over all attempts", "[user][retry]") {
  const bool in_back_off = GENERATE(true, false);
  Scenario scenario = scenario_of({sql_step("a")}, TransactionMode::read_write);
  scenario.requests[0].retry = retry_of(9, in_back_off ? 50ms : 5ms);
  scenario.deadline = 30ms;
  EngineWorld world(scenario);
  world.server.exchange_takes = 2ms;
  world.server.replies["step0"] = {{FailureClass::deadlock, "40P01"},
                                   {FailureClass::none, "", false, 1s}};
  run_requests(world, {0ms});
  CHECK(world.now() == 30ms);
  CHECK(only_failure(world).failure == FailureClass::deadline);
  CHECK(only_failure(world).phase == Phase::deadline);
  CHECK(world.measured().requests.failed == 1);
  CHECK(world.measured().retries.requests == 1);
}

TEST_CASE("a run that ends in a back-off leaves the request in flight", "[user][retry]") {
  Scenario scenario = scenario_of({sql_step("a")});
  scenario.requests[0].retry = retry_of(3, 1s);
  EngineWorld world(scenario);
  world.server.replies["step0"] = {{FailureClass::deadlock, "40P01"}};
  world.scope.spawn(stop_at(world, at(100ms), false));
  run_requests(world, {0ms});
  CHECK(world.now() == 100ms);
  CHECK(world.measured().requests.in_flight == 1);
  CHECK(world.measured().requests.failed == 0);
}

TEST_CASE("a pause gives the connection back and takes one again", "[user]") {
  Scenario scenario = scenario_of({sql_step("a"), pause_step(50ms), sql_step("b")});
  set_pool(scenario, 1, 0);
  EngineWorld world(scenario);
  world.server.exchange_takes = 10ms;
  // The second takes the connection in the first one's pause, at 10 ms; both run in turn.
  run_requests(world, {0ms, 5ms});
  CHECK(world.server.log == Log{"connect 1", "step0 1", "step0 1", "step2 1", "step2 1"});
  const Measurement& m = world.measured();
  CHECK(m.requests.completed == 2);
  CHECK(m.pool_wait.count() == 4);
  CHECK(m.connection_time.max() == 20ms);
  CHECK(m.latency.min() == 70ms);
  CHECK(m.latency.max() == 75ms);
  CHECK(m.phases.pause_ns == 100e6);
  CHECK(m.phases.pool_wait_ns == 5e6);
}

TEST_CASE("a pause after which no connection comes fails at the checkout", "[user]") {
  Scenario scenario = scenario_of({sql_step("a"), pause_step(50ms), sql_step("b")});
  set_pool(scenario, 1, 0, 20ms);
  EngineWorld world(scenario);
  world.server.replies["step0"] = {{}, {FailureClass::none, "", false, 200ms}};
  run_requests(world, {0ms, 10ms});
  CHECK(only_failure(world).phase == Phase::checkout);
  CHECK(only_failure(world).failure == FailureClass::pool_timeout);
  CHECK(world.measured().requests.completed == 1);
  CHECK(world.process.pools[0]->counts().checked_out == 0);
}

TEST_CASE("a deadline in the wait for a connection leaves the line", "[user]") {
  Scenario scenario = scenario_of({hold_step(90ms)});
  set_pool(scenario, 1, 0);
  scenario.deadline = 100ms;
  EngineWorld world(scenario);
  run_requests(world, {0ms, 1ms, 2ms, 3ms});
  // 90 ms for the first; the second would be done at 180, the others never get a connection.
  CHECK(world.measured().requests.completed == 1);
  const FailureCount& failure = only_failure(world);
  CHECK(failure.phase == Phase::deadline);
  CHECK(failure.failure == FailureClass::deadline);
  CHECK(failure.count == 3);
  CHECK(world.process.pools[0]->counts().waiting == 0);
  CHECK(world.process.pools[0]->counts().idle == 1);
  CHECK(world.now() < 200ms);
}

TEST_CASE("a deadline in a hold rolls back and keeps the connection", "[user]") {
  Scenario scenario =
      scenario_of({sql_step("a"), hold_step(1s), sql_step("b")}, TransactionMode::read_write);
  scenario.deadline = 100ms;
  EngineWorld world(scenario);
  world.server.exchange_takes = 1ms;
  run_requests(world, {0ms});
  CHECK(world.server.log == Log{"connect 1", "begin 1", "step0 1", "rollback 1"});
  CHECK(only_failure(world).failure == FailureClass::deadline);
  CHECK(only_failure(world).count == 1);
  CHECK(world.server.open == 1);
  CHECK(world.process.pools[0]->counts().idle == 1);
}

TEST_CASE("a deadline in a statement costs that connection, and no other", "[user]") {
  Scenario scenario = scenario_of({sql_step("a")}, TransactionMode::read_write);
  set_pool(scenario, 2, 0);
  scenario.deadline = 100ms;
  EngineWorld world(scenario);
  world.server.exchange_takes = 1ms;
  world.server.replies["step0"] = {{FailureClass::none, "", false, 1s}};
  run_requests(world, {0ms, 1ms, 200ms, 201ms});
  CHECK(only_failure(world).phase == Phase::deadline);
  CHECK(world.measured().requests.completed == 3);
  // Connection 1 is closed without a rollback and replaced; connection 2 lives on.
  CHECK(world.server.log == Log{"connect 1", "begin 1", "connect 2", "step0 1", "begin 2",
                                "step0 2", "commit 2", "close 1", "begin 2", "step0 2", "connect 3",
                                "begin 3", "commit 2", "step0 3", "commit 3"});
}

Task<> ask_too_late(EngineWorld& world, Acquired& answer) {
  Patience& patience = world.seat(0).patience;
  patience.set_deadline(at(1ms));
  Patience::Sleep nap(patience, at(2ms));
  co_await nap;
  const ClientId client{0};
  answer = co_await world.process.pools[0]->acquire(client, patience);
}

TEST_CASE("who asks after its deadline gets nothing, and the pool is not asked", "[user]") {
  EngineWorld world(scenario_of({sql_step("a")}));
  Acquired answer;
  world.scope.spawn(ask_too_late(world, answer));
  world.run();
  CHECK_FALSE(answer.granted());
  CHECK(answer.refusal == Refusal::gave_up);
  CHECK(answer.gave_up == WakeReason::deadline);
  CHECK(world.server.log.empty());
}

TEST_CASE("a pool timeout is told in the library's words", "[user]") {
  Scenario scenario = scenario_of({hold_step(90ms)});
  set_pool(scenario, 1, 0, 50ms);
  EngineWorld world(scenario);
  run_requests(world, {0ms, 0ms});
  const FailureCount& failure = only_failure(world);
  CHECK(failure.phase == Phase::checkout);
  CHECK(failure.failure == FailureClass::pool_timeout);
  CHECK(failure.example ==
        "QueuePool limit of size 1 overflow 0 reached, connection timed out, timeout 0.05");
  CHECK(world.measured().pool_wait.count() == 1);
  CHECK(world.recorder.totals().pool_timeouts == 1);
}

TEST_CASE("a connect that fails is told to the request that paid for it", "[user]") {
  EngineWorld world(scenario_of({hold_step(10ms)}));
  world.server.connect_takes = 3ms;
  world.server.replies["connect"] = {{FailureClass::too_many_connections, "53300"}, {}};
  run_requests(world, {0ms, 0ms});
  const FailureCount& failure = only_failure(world);
  CHECK(failure.phase == Phase::connect);
  CHECK(failure.failure == FailureClass::too_many_connections);
  CHECK(failure.sqlstate == "53300");
  CHECK(failure.example == "no connection, says the script (1)");
  CHECK(failure.count == 1);
  CHECK(world.measured().requests.completed == 1);
  CHECK(world.process.pools[0]->gauges().connect_failures == 1);
}

TEST_CASE("a transaction left open by SQL is rolled back by the pool, and waited for", "[user]") {
  Scenario scenario = scenario_of({sql_step("opens", "BEGIN")});
  EngineWorld world(scenario);
  world.server.exchange_takes = 4ms;
  run_requests(world, {0ms});
  CHECK(world.server.log == Log{"connect 1", "step0 1", "rollback 1"});
  CHECK(world.measured().latency.max() == 8ms);
  CHECK(world.measured().phases.release_ns == 4e6);
  CHECK(world.process.pools[0]->gauges().resets == 1);
}

TEST_CASE("a pool that does not reset hands an open transaction on", "[user]") {
  Scenario scenario = scenario_of({sql_step("opens", "BEGIN")});
  scenario.deployment.pool.set("reset_on_return", std::string("none"));
  EngineWorld world(scenario);
  run_requests(world, {0ms});
  CHECK(world.server.log == Log{"connect 1", "step0 1"});
  CHECK(world.process.pools[0]->counts().idle == 1);
}

TEST_CASE("a closed user thinks, asks, thinks, until the run stops", "[user]") {
  Scenario scenario = scenario_of({hold_step(10ms)});
  ClosedLoad load;
  load.think = FixedDuration{5ms};
  scenario.load = load;
  EngineWorld world(scenario);
  world.scope.spawn(closed_user(world.seat(0), at(0ms)));
  world.scope.spawn(stop_at(world, at(97ms), false));
  world.run();
  CHECK(world.measured().requests.completed == 6);  // at 10, 25, 40, 55, 70, 85
  CHECK(world.measured().requests.in_flight == 1);  // begun at 90
  CHECK(world.measured().requests.failed == 0);
  CHECK(world.measured().latency.max() == 10ms);
  CHECK(world.measured().client.schedule_lag.max() == 0ns);
  CHECK(world.process.pools[0]->counts().checked_out == 0);
}

TEST_CASE("users come and go by stages; who leaves finishes the request first", "[user]") {
  Scenario scenario = scenario_of({hold_step(30ms)});
  UserStages load;
  load.stages = {{100ms, 1, false}, {100ms, 2, false}, {100ms, 0, false}, {100ms, 1, false}};
  load.think = FixedDuration{20ms};
  scenario.load = load;
  EngineWorld world(scenario);
  for (std::uint32_t user = 0; user < 2; ++user) {
    world.scope.spawn(staged_user(world.seat(user), user, at(0ms)));
  }
  world.scope.spawn(stop_at(world, at(400ms), false));
  world.run();
  const Measurement& m = world.measured();
  // The first from 0, 50, 100, 150 and 300, 350; the second from 100, 150.
  CHECK(m.requests.completed == 8);
  CHECK(m.requests.in_flight == 0);
  CHECK(m.latency.min() == 30ms);
  CHECK(m.latency.max() == 30ms);
  CHECK(world.process.pools[0]->gauges().peak().checked_out == 2);
  // Starts with a time of their own: after thinking, and coming in later than the load.
  CHECK(m.client.schedule_lag.count() == 4 + 2);
  CHECK(m.client.schedule_lag.max() == 0ns);
}

TEST_CASE("a request that outlasts its user's stay is finished, and counts as any", "[user]") {
  Scenario scenario = scenario_of({hold_step(70ms)});
  UserStages load;
  load.stages = {{50ms, 1, false}, {10ms, 0, false}, {40ms, 1, false}, {1s, 0, false}};
  scenario.load = load;
  EngineWorld world(scenario);
  world.scope.spawn(staged_user(world.seat(0), 0, at(0ms)));
  world.run();  // ends by itself: nobody comes any more
  const Measurement& m = world.measured();
  // Back at 60, still busy with the last one until 70; late, and not by its own clock.
  CHECK(m.requests.completed == 2);
  CHECK(m.latency.max() == 70ms);
  CHECK(world.now() == 140ms);
}

TEST_CASE("a request can be named by who starts it", "[user]") {
  Scenario scenario = scenario_of({hold_step(10ms)});
  scenario.requests.push_back(scenario.requests[0]);
  scenario.requests[1].name = "other";
  scenario.requests[1].weight = 1e-9;
  scenario.requests[1].steps = {hold_step(20ms)};
  EngineWorld world(scenario);
  world.scope.spawn(run_request(world.seat(0), at(0ms), 1));
  world.run();
  CHECK(world.measured().latency.max() == 20ms);
}

TEST_CASE("users of a pool that refuses at once do not stop the clock", "[user]") {
  Scenario scenario = scenario_of({hold_step(10ms)});
  set_pool(scenario, 1, 0, 0ms);
  EngineWorld world(scenario);
  world.scope.spawn(closed_user(world.seat(0), at(0ms)));
  world.scope.spawn(closed_user(world.seat(1), at(0ms)));
  world.scope.spawn(stop_at(world, at(15ms), false));
  world.run();
  CHECK(world.measured().requests.completed >= 1);
  CHECK(world.measured().requests.failed >= 15);
}

TEST_CASE("a firm stop abandons a statement; it is in flight, not failed", "[user]") {
  Scenario scenario = scenario_of({sql_step("a")}, TransactionMode::read_write);
  EngineWorld world(scenario);
  world.server.exchange_takes = 1s;
  world.scope.spawn(stop_at(world, at(1500ms), true));
  run_requests(world, {0ms});
  CHECK(world.measured().requests.in_flight == 1);
  CHECK(world.measured().requests.failed == 0);
  CHECK(world.measured().failures.empty());
  CHECK(world.server.open == 0);
}

TEST_CASE("a gentle stop lets a transaction end in order", "[user]") {
  Scenario scenario = scenario_of({sql_step("a"), hold_step(1s)}, TransactionMode::read_write);
  EngineWorld world(scenario);
  world.server.exchange_takes = 10ms;
  world.scope.spawn(stop_at(world, at(100ms), false));
  run_requests(world, {0ms});
  CHECK(world.server.log == Log{"connect 1", "begin 1", "step0 1", "rollback 1"});
  CHECK(world.measured().requests.in_flight == 1);
  CHECK(world.server.open == 1);
}

}  // namespace
}  // namespace poolgauge
