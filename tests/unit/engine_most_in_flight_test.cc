// How many requests a load can keep in flight, and so how many connections pools may hold.
#include "engine/trial_watch.h"

#include <catch2/catch.hpp>

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Scenario of(Load load, std::optional<Duration> deadline = std::nullopt) {
  Scenario scenario;
  scenario.load = std::move(load);
  scenario.deadline = deadline;
  scenario.warmup = 5s;
  scenario.duration = 15s;
  return scenario;
}

OpenLoad rate(double per_s) {
  OpenLoad load;
  load.rate_per_s = per_s;
  return load;
}

TEST_CASE("users bound what is in flight, whatever the deadline", "[flight]") {
  ClosedLoad load;
  load.users = 40;
  CHECK(most_in_flight(of(load)) == 40);
  CHECK(most_in_flight(of(load, 1ms)) == 40);
}

TEST_CASE("an arrival rate is bounded by the deadline, else by the run", "[flight]") {
  CHECK(most_in_flight(of(rate(200), 100ms)) == 20);
  CHECK(most_in_flight(of(rate(3), 100ms)) == 1);
  CHECK(most_in_flight(of(rate(15), 100ms)) == 2);
  CHECK(most_in_flight(of(rate(200))) == 4000);
  CHECK(most_in_flight(of(rate(200), 1h)) == 4000);
  CHECK(most_in_flight(of(rate(1e9))) == kMostInFlight);
}

TEST_CASE("bursts, stages and replays are bounded by their densest stretch", "[flight]") {
  CHECK(most_in_flight(of(BurstLoad{100, 10s}, 10s)) == 100);
  CHECK(most_in_flight(of(BurstLoad{100, 4s}, 10s)) == 300);
  CHECK(most_in_flight(of(BurstLoad{100, 0s}, 10s)) == 100);
  RateStages stages;
  stages.stages = {{5s, 10, false}, {5s, 50, true}, {5s, 20, true}};
  CHECK(most_in_flight(of(stages, 2s)) == 100);
  ReplayLoad replay;
  replay.arrivals = std::make_shared<const std::vector<ReplayLoad::Arrival>>(
      std::vector<ReplayLoad::Arrival>{{0s, 0}, {1s, 0}, {1500ms, 0}, {1900ms, 0}, {2s, 0}});
  CHECK(most_in_flight(of(replay, 1s)) == 3);
  CHECK(most_in_flight(of(replay)) == 5);
}

TEST_CASE("a pool may hold its process's share, or its own limit", "[flight]") {
  Scenario scenario = of(rate(200), 100ms);
  scenario.deployment.processes = 3;
  scenario.deployment.pool.kind = "none";
  CHECK(most_connections(scenario, 0) == 7);
  scenario.deployment.pool = {};
  scenario.deployment.pool.set("pool_size", std::int64_t{2});
  scenario.deployment.pool.set("max_overflow", std::int64_t{3});
  CHECK(most_connections(scenario, 0) == 5);
  scenario.deployment.pool.set("fallback", std::string("direct"));
  CHECK(most_connections(scenario, 0) == 12);
}

}  // namespace
}  // namespace poolgauge
