// What the search's model leaves out of its simulations must not change a score.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "advise/score.h"
#include "app/simulated_sizes.h"
#include "assess/goals.h"
#include "stall_cases.h"
#include "stats/product_limit.h"

namespace poolgauge::test {
namespace {

constexpr const char* kGoals[] = {"p95(latency) < 100ms",
                                  "p99(response) < 1s",
                                  "p50(pool_wait) < 10ms",
                                  "max(latency) < 2s",
                                  "mean(latency) < 80ms",
                                  "p95(connection_time) < 50ms",
                                  "p95(connect) < 10ms",
                                  "throughput > 100/s",
                                  "rate(error) <= 1%",
                                  "rate(pool_timeout) <= 1%",
                                  "p95(latency) < 100ms over 2s",
                                  "p95(pool_wait) < 10ms for request slow",
                                  "rate(error) <= 2% over 3s",
                                  "p95(step:timed) < 30ms",
                                  "p90(step:slow.timed) < 30ms over 2s"};

Scenario asked(const LoadCase& who, const std::string& goal) {
  Scenario scenario = quick_and_slow(who.load, who.size, 0.1, 300ms);
  scenario.deployment.pool.set("timeout", Duration{400ms});
  scenario.deadline = 1s;
  scenario.goals = {goal_of(goal)};
  return scenario;
}

bool same(double a, double b) {
  return std::isnan(a) ? std::isnan(b) : a == b;
}

TEST_CASE("goals come out the same when only what they look at is kept", "[advise]") {
  const StopFlag never;
  for (const LoadCase& who : usual_loads(150, 8)) {
    for (const char* const goal : kGoals) {
      INFO(who.name << ": " << goal);
      const Scenario scenario = asked(who, goal);
      const Measurement whole = simulate(scenario, ServerProfile{}, 3, never);
      const Measurement kept = simulate(scenario, ServerProfile{}, 3, never, {}, Keep::goals);
      const std::vector<double> expected = goal_scores(scenario, whole);
      const std::vector<double> found = goal_scores(scenario, kept);
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) CHECK(same(found[i], expected[i]));
      CHECK(kept.requests.completed == whole.requests.completed);
      CHECK(kept.latency.packed() == whole.latency.packed());
      CHECK(kept.connection_time.packed() == whole.connection_time.packed());
      CHECK(pool_wait_ages(kept).packed() == pool_wait_ages(whole).packed());
      CHECK(kept.gaps.longest.size() == whole.gaps.longest.size());
    }
  }
}

TEST_CASE("figures are judged the same without their intervals", "[advise]") {
  for (const LoadCase& who : usual_loads(150, 8)) {
    for (const char* const goal : kGoals) {
      INFO(who.name << ": " << goal);
      const Scenario scenario = asked(who, goal);
      const Measurement measured = run_simulated(scenario, ServerProfile{}, 3);
      const JudgedGoal whole = judge_goals(scenario, measured).at(0);
      const JudgedGoal bare = judge_goals(scenario, measured, Intervals::without).at(0);
      CHECK(bare.outcome == whole.outcome);
      CHECK(bare.result.measured == whole.result.measured);
      CHECK(bare.result.at_least == whole.result.at_least);
      CHECK(bare.reason == whole.reason);
      CHECK_FALSE(bare.result.low);
      CHECK_FALSE(bare.result.high);
    }
  }
}

TEST_CASE("a size far from deciding is glanced at, and any other looked at in full", "[advise]") {
  // 20 users who hold 20 ms in 120: three connections are busy on average.
  Scenario scenario = hold_scenario(ExponentialDuration{20ms}, 1, 0);
  scenario.load = users(20, ExponentialDuration{100ms});
  scenario.warmup = 100ms;
  scenario.goals = {goal_of("p95(pool_wait) < 10ms")};
  const SizesPlan plan{2, 1e6, 1};
  const app::SimulatedSizes whole(scenario, ServerProfile{}, plan);
  const app::SimulatedSizes brief(scenario, ServerProfile{}, plan);
  int glanced = 0;
  for (std::int64_t total = 1; total <= 9; ++total) {
    INFO(total);
    const auto& seen = brief.glance(total);
    const auto& known = whole.at(total);
    CHECK(seen.met() == known.met());
    const bool in_full = seen.throughput_per_s == known.throughput_per_s;
    // Nothing within a factor of two of the limit is decided by a glance.
    CHECK((in_full || std::abs(known.goals[0].value) > 0.6));
    glanced += in_full ? 0 : 1;
    CHECK(&brief.glance(total) == &seen);  // remembered
    CHECK(brief.at(total).throughput_per_s == known.throughput_per_s);
    CHECK(brief.glance(total).throughput_per_s == known.throughput_per_s);
  }
  CHECK(glanced >= 3);
  CHECK(glanced <= 8);
  CHECK(brief.smallest(20) == app::SimulatedSizes(scenario, ServerProfile{}, plan).smallest(20));
}

}  // namespace
}  // namespace poolgauge::test
