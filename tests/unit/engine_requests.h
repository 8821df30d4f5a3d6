// Requests and stops at given times in a world with a scripted server.
#pragma once

#include <string>
#include <vector>

#include "engine_bench.h"

namespace poolgauge::test {

using Log = std::vector<std::string>;

/// One request of a user, due at `when`.
inline Task<> request_at(EngineWorld& world, std::uint32_t user, TimePoint when) {
  co_await SleepUntil(world.loop, when);
  co_await run_request(world.seat(user), when);
}
inline void run_requests(EngineWorld& world, std::vector<Duration> dues) {
  std::uint32_t user = 0;
  for (const Duration due : dues) world.scope.spawn(request_at(world, user++, at(due)));
  world.run();
}
inline const FailureCount& only_failure(EngineWorld& world) {
  REQUIRE(world.measured().failures.size() == 1);
  return world.measured().failures[0];
}

inline Task<> stop_at(EngineWorld& world, TimePoint when, bool firmly) {
  co_await SleepUntil(world.loop, when);
  firmly ? world.stops.stop_firmly() : world.stops.stop_gently();
}

}  // namespace poolgauge::test
