// Loads and requests for tests of what never ends: shared by those of stalls, of requests in flight
// and of faults at random times.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "scenario/goal/goal.h"
#include "stalling_backend.h"

namespace poolgauge::test {

inline Goal goal_of(const std::string& text) {
  const auto read = read_goal(text);
  REQUIRE(std::holds_alternative<Goal>(read));
  return std::get<Goal>(read);
}

struct LoadCase {
  const char* name;
  Load load;
  std::int64_t size;
};

/// Closed and open loads. Enough connections for the arrivals (per second) that those who never end
/// do not take them all.
inline std::vector<LoadCase> usual_loads(double arrivals, std::int64_t size) {
  return {{"15 users", users(15), 15},
          {"100 users on 15 connections", users(100), 15},
          {"300 thinking users", users(300, ExponentialDuration{400ms}), 300},
          {"arrivals", rate(arrivals), size}};
}

/// A statement, then 20 ms with the connection; `slow_share` of the requests hold for `slow`. 8 s
/// after a warm-up of 1 s.
inline Scenario quick_and_slow(Load load, std::int64_t size, double slow_share, Duration slow) {
  Scenario scenario = hold_scenario(FixedDuration{20ms}, size, 0);
  scenario.requests[0].name = "quick";
  scenario.requests[0].steps.insert(scenario.requests[0].steps.begin(), sql_step("SELECT 1"));
  if (slow_share > 0) {
    scenario.requests.push_back(scenario.requests[0]);
    scenario.requests[1].name = "slow";
    scenario.requests[1].steps[1].time = FixedDuration{slow};
    scenario.requests[0].weight = 1 - slow_share;
    scenario.requests[1].weight = slow_share;
  }
  scenario.load = std::move(load);
  scenario.warmup = 1s;
  scenario.duration = 8s;
  return scenario;
}

}  // namespace poolgauge::test
