// Users who think, come and go, and requests that are asked for by name.
#include "engine/user.h"

#include "engine_requests.h"

namespace poolgauge {
namespace {

using namespace test;

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
  world.scope.spawn(stop_at(world, at(399ms), false));
  world.run();
  const Measurement& m = world.measured();
  // The first from 0, 50, 100, 150 and 300, 350; the second from 100, 150.
  CHECK(m.requests.completed == 8);
  CHECK(m.requests.in_flight == 0);
  CHECK(m.latency.min() == 30ms);
  CHECK(m.latency.max() == 30ms);
  CHECK(world.process.pools[0]->gauges().peak().checked_out == 2);
  // Starts with a time of their own: after thinking, and coming in later than the load.
  CHECK(m.client.schedule_lag.count() == 5 + 2);
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

}  // namespace
}  // namespace poolgauge
