// Requests that are held back, and users who begin later.
#include "engine/trial_watch.h"

#include "engine/user.h"

#include "engine_requests.h"

namespace poolgauge {
namespace {

using namespace test;

Task<> hold_from_to(EngineWorld& world, HoldBack& hold, TimePoint from, TimePoint to) {
  co_await SleepUntil(world.loop, from);
  hold.set(true);
  co_await SleepUntil(world.loop, to);
  hold.set(false);
}

TEST_CASE("a user who is held back waits, and the wait is no latency", "[user]") {
  Scenario scenario = scenario_of({hold_step(10ms)});
  scenario.load = ClosedLoad{};
  EngineWorld world(scenario);
  HoldBack hold;
  world.process.world.hold = &hold;
  world.scope.spawn(closed_user(world.seat(0), at(0ms)));
  world.scope.spawn(hold_from_to(world, hold, at(25ms), at(65ms)));
  world.scope.spawn(stop_at(world, at(99ms), false));
  world.run();
  // At 10, 20, 30; a look each 20 ms from then on, so it goes on at 70: at 80, 90.
  CHECK(world.measured().requests.completed == 5);
  CHECK(world.measured().latency.max() == 10ms);
}

TEST_CASE("users who are held back wait for one timer, and leave with the run", "[user]") {
  Scenario scenario = scenario_of({hold_step(10ms)});
  scenario.load = ClosedLoad{};
  EngineWorld world(scenario);
  HoldBack hold;
  hold.set(true);
  world.process.world.hold = &hold;
  constexpr std::uint32_t kUsers = 100;
  for (std::uint32_t user = 0; user < kUsers; ++user) {
    world.scope.spawn(closed_user(world.seat(user), at(0ms)));
  }
  world.scope.spawn(hold_from_to(world, hold, at(1ms), at(965ms)));
  world.scope.spawn(hold_from_to(world, hold, at(985ms), at(2000ms)));
  world.scope.spawn(stop_at(world, at(1500ms), false));
  const std::uint64_t before = world.loop.resumes();
  world.run();
  // Let go at 980, held again from 985 on; 100 looks of each user alone would be 10,000 turns.
  CHECK(world.measured().requests.completed == kUsers);
  CHECK(world.loop.resumes() - before < 30 * kUsers);
}

TEST_CASE("a user may begin later than the load", "[user]") {
  Scenario scenario = scenario_of({hold_step(10ms)});
  scenario.load = ClosedLoad{};
  EngineWorld world(scenario);
  world.scope.spawn(closed_user(world.seat(0), at(50ms)));
  world.scope.spawn(stop_at(world, at(79ms), false));
  world.run();
  CHECK(world.measured().requests.completed == 2);  // at 60, 70
  CHECK(world.measured().latency.max() == 10ms);
  CHECK(world.measured().requests.in_flight == 1);
}

}  // namespace
}  // namespace poolgauge
