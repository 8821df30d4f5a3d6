// Small scenarios for the simulator's tests, and a server that costs nothing.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "poolgauge/simulate.h"

namespace poolgauge::test {

using namespace std::chrono_literals;

/// No connect costs, no round trips, no work.
inline ServerProfile free_server() {
  ServerProfile profile;
  profile.round_trip = profile.begin_work = profile.commit_work = profile.statement_work = 0ns;
  profile.connect_delay = profile.connect_work = 0ns;
  return profile;
}

inline Step timed_step(StepKind kind, DurationSpec time) {
  Step step;
  step.name = "timed";
  step.kind = kind;
  step.time = std::move(time);
  return step;
}
inline Step sql_step(const std::string& text) {
  Step step;
  step.name = "sql";
  step.sql.source = step.sql.text = text;
  return step;
}

/// One request that holds its connection for a time.
inline Scenario hold_scenario(DurationSpec time, std::int64_t size, std::int64_t overflow) {
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.steps.push_back(timed_step(StepKind::hold, std::move(time)));
  scenario.requests.push_back(std::move(request));
  scenario.deployment.pool.set("pool_size", size);
  scenario.deployment.pool.set("max_overflow", overflow);
  scenario.deployment.pool.set("task_time", Duration{0});  // an infinitely fast application
  return scenario;
}

inline ClosedLoad users(std::uint32_t n, DurationSpec think = FixedDuration{}) {
  ClosedLoad load;
  load.users = n;
  load.think = std::move(think);
  return load;
}
inline OpenLoad rate(double per_s, bool poisson = true) {
  OpenLoad load;
  load.rate_per_s = per_s;
  load.poisson = poisson;
  return load;
}

inline Measurement run_simulated(const Scenario& scenario, const ServerProfile& profile,
                                 std::uint64_t seed) {
  const StopFlag never;
  return simulate(scenario, profile, seed, never);
}

/// What must be true of every measurement, whatever was measured.
inline void check_identities(const Measurement& m) {
  CHECK(m.latency.count() == m.requests.completed);
  CHECK(m.response.count() == m.requests.completed);
  CHECK(m.connection_time.count() == m.requests.completed);
  std::uint64_t failed = 0;
  for (const FailureCount& failure : m.failures) failed += failure.count;
  CHECK(failed == m.requests.failed);
  std::uint64_t completed = 0;
  std::uint64_t failed_by_second = 0;
  for (const SecondSample& second : m.series) {
    completed += second.completed;
    failed_by_second += second.failed;
    CHECK(second.latency.count() == second.completed);
  }
  CHECK(completed == m.requests.completed);
  CHECK(failed_by_second == m.requests.failed);
  const PhaseTotals& p = m.phases;
  const double parts = p.pool_wait_ns + p.begin_ns + p.sql_ns + p.hold_ns + p.pause_ns +
                       p.commit_ns + p.release_ns + p.other_ns + p.start_ns;
  CHECK(parts == Approx(m.latency.sum_ns()).epsilon(1e-9).margin(1));
}

}  // namespace poolgauge::test
