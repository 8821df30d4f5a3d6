// Requests that use several pools: when a connection is taken, how long it is kept, and where the
// transaction is.
#include "engine_bench.h"

#include <catch2/catch.hpp>

#include "engine/limited_backend.h"

using namespace poolgauge;
using namespace poolgauge::test;
using namespace std::chrono_literals;

namespace {

using Log = std::vector<std::string>;

Step on(std::uint32_t pool, Step step) {
  step.pool = pool;
  return step;
}

/// A primary (pool 0) and a replica (pool 1), both 1+0.
Scenario two_pools(std::vector<Step> steps, TransactionMode mode = TransactionMode::none) {
  Scenario scenario = scenario_of(std::move(steps), mode);
  set_pool(scenario, 1, 0);
  scenario.deployment.others.push_back(scenario.deployment.pool);
  scenario.deployment.others[0].name = "replica";
  return scenario;
}

using Levels = std::vector<std::int64_t>;

/// How many connections of each pool are checked out at that time.
Task<> look(EngineWorld& world, TimePoint when, Levels& levels) {
  Patience patience(world.loop, world.stops);
  Patience::Sleep nap(patience, when);
  co_await nap;
  for (const auto& pool : world.process.pools) levels.push_back(pool->counts().checked_out);
}

/// Keeps a connection of the pool for a time.
Task<> occupy(EngineWorld& world, std::uint32_t pool, Duration time) {
  Patience patience(world.loop, world.stops);
  const ClientId client{9};
  Acquired acquired = co_await world.process.pools[pool]->acquire(client, patience);
  Patience::Sleep nap(patience, world.loop.now() + time);
  co_await nap;
  co_await world.process.pools[pool]->release(acquired.lease, Condition::clean);
}

/// The request alone, from beginning to end, on one scripted server behind both pools.
Log log_of(const Scenario& scenario) {
  EngineWorld world(scenario);
  world.server.exchange_takes = 1ms;
  world.scope.spawn(run_request(world.seat(0), at(0ns)));
  world.run();
  CHECK(world.measured().requests.completed == 1);
  for (const auto& pool : world.process.pools) CHECK(pool->counts().checked_out == 0);
  return world.server.log;
}

}  // namespace

TEST_CASE("a step on another pool takes its connection there, outside of the transaction") {
  const Scenario scenario = two_pools(
      {sql_step("write"), on(1, sql_step("read")), sql_step("again")}, TransactionMode::read_write);
  const Log log = log_of(scenario);
  // Each pool numbers its connections from one; the replica's connect comes with its first step.
  CHECK(log ==
        Log{"connect 1", "begin 1", "step0 1", "connect 1", "step1 1", "step2 1", "commit 1"});
}

TEST_CASE("both connections are kept until the end of the request") {
  const Scenario scenario =
      two_pools({on(1, sql_step("read")), sql_step("write"), hold_step(20ms)});
  EngineWorld world(scenario);
  world.server.exchange_takes = 1ms;
  world.scope.spawn(run_request(world.seat(0), at(0ns)));
  Levels first_step, hold, after;
  world.scope.spawn(look(world, at(500us), first_step));
  world.scope.spawn(look(world, at(10ms), hold));
  world.scope.spawn(look(world, at(1s), after));
  world.run();
  CHECK(first_step == Levels{0, 1});  // not before its first step
  CHECK(hold == Levels{1, 1});
  CHECK(after == Levels{0, 0});
  const Measurement& m = world.measured();
  REQUIRE(m.requests.completed == 1);
  CHECK(m.pool_wait.count() == 2);
  // 22 ms on the replica's and 21 ms on the primary's connection, as buckets hold them.
  CHECK(to_ms(m.connection_time.max()) == Approx(43).margin(0.5));
  CHECK(to_ms(m.latency.max()) == Approx(22).margin(0.3));
}

TEST_CASE("a hold at the start keeps the connection of the next step's pool") {
  const Scenario scenario = two_pools({hold_step(10ms), on(1, sql_step("read"))});
  EngineWorld world(scenario);
  world.scope.spawn(run_request(world.seat(0), at(0ns)));
  Levels hold;
  world.scope.spawn(look(world, at(5ms), hold));
  world.run();
  CHECK(hold == Levels{0, 1});
}

TEST_CASE("a pause gives every connection back and goes on with the next step's pool") {
  const Scenario scenario = two_pools(
      {sql_step("write"), on(1, sql_step("read")), pause_step(10ms), on(1, sql_step("more"))});
  EngineWorld world(scenario);
  world.scope.spawn(run_request(world.seat(0), at(0ns)));
  Levels pause;
  world.scope.spawn(look(world, at(5ms), pause));
  world.run();
  CHECK(pause == Levels{0, 0});
  CHECK(world.measured().requests.completed == 1);
  CHECK(world.measured().pool_wait.count() == 3);  // primary, replica, replica again
}

TEST_CASE("a pool that does not answer fails the request, and the other connection goes back") {
  Scenario scenario =
      two_pools({sql_step("write"), on(1, sql_step("read"))}, TransactionMode::read_write);
  scenario.deployment.others[0].set("timeout", Duration(50ms));
  EngineWorld world(scenario);
  world.server.exchange_takes = 1ms;
  world.scope.spawn(occupy(world, 1, 1s));
  world.scope.spawn(run_request(world.seat(0), at(0ns)));
  world.run();
  const Measurement& m = world.measured();
  CHECK(m.requests.failed == 1);
  REQUIRE(m.failures.size() == 1);
  CHECK(m.failures[0].failure == FailureClass::pool_timeout);
  CHECK(m.failures[0].phase == Phase::checkout);
  CHECK(world.process.pools[0]->counts().checked_out == 0);
  CHECK(std::count(world.server.log.begin(), world.server.log.end(), "rollback 1") == 1);
}

TEST_CASE("SET ROLE is part of connecting, and its failure one of the connect") {
  ManualWorld world;
  StopList stops;
  ScriptedServer server{world.loop};
  server.exchange_takes = 5ms;
  Exchange first;
  FirstExchangeBackend backend(server, first, "SET ROLE app");
  Scenario scenario = two_pools({sql_step("one")});
  Recorder recorder(scenario, at(0ns), at(1h));
  ValueSource values(scenario, 0, 1);
  World shared{world.loop, world.scope, stops, scenario,
               recorder,   values,      {1.0}, plan_requests(scenario)};
  Process process(shared, 0, {&backend, &backend});
  Seat seat(process, ClientId{0}, 1, 0);
  server.replies["ping"].push_back({FailureClass::sql_error, "42501"});
  world.scope.spawn(run_request(seat, at(0ns)));
  world.run();
  CHECK(server.log == Log{"connect 1", "ping 1", "close 1"});
  REQUIRE(recorder.measured().failures.size() == 1);
  CHECK(recorder.measured().failures[0].phase == Phase::connect);
  CHECK(recorder.measured().failures[0].sqlstate == "42501");
  CHECK(recorder.measured().failures[0].example == "SET ROLE app: failed: ping");
  world.scope.spawn(run_request(seat, world.loop.now()));
  world.run();
  CHECK(recorder.measured().requests.completed == 1);
  CHECK(process.pools[0]->gauges().connect_time.count() == 1);
  for (auto& pool : process.pools) pool->shut_down();
}
