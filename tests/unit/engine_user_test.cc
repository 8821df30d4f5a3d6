// The life of a request, its happy and its unhappy ends, in front of a scripted server.
#include "engine/user.h"

#include "engine_requests.h"

namespace poolgauge {
namespace {

using namespace test;

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
  CHECK(failure.waiting == 0);  // each got the connection that the one before gave up
  CHECK(failure.count == 3);
  CHECK(world.process.pools[0]->counts().waiting == 0);
  CHECK(world.process.pools[0]->counts().idle == 1);
  CHECK(world.now() < 200ms);
}

TEST_CASE("a deadline that passes while a connection is waited for is counted as such", "[user]") {
  Scenario scenario = scenario_of({hold_step(300ms)}, TransactionMode::read_write);
  set_pool(scenario, 1, 0);
  scenario.deadline = 100ms;
  EngineWorld world(scenario);
  world.server.exchange_takes = 5ms;  // the rollback, while the second one waits on
  run_requests(world, {0ms, 1ms});
  CHECK(only_failure(world).failure == FailureClass::deadline);
  CHECK(only_failure(world).count == 2);
  CHECK(only_failure(world).waiting == 1);
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
  CHECK(only_failure(world).waiting == 0);
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
