// Slices of a window, and warm-ups that end by what the run shows.
#include "sim_bench.h"
#include "stats/over_time.h"

namespace poolgauge {
namespace {

using namespace test;

Scenario busy(Duration duration) {
  Scenario scenario = hold_scenario(ExponentialDuration{20ms}, 4, 0);
  scenario.requests[0].steps.insert(scenario.requests[0].steps.begin(), sql_step("SELECT 1"));
  scenario.load = rate(150);
  scenario.duration = duration;
  scenario.deployment.pool.set("timeout", Duration{100ms});
  return scenario;
}

PackedHistogram sum_of(const Measurement& m, PackedHistogram Slice::*metric) {
  Histogram sum;
  for (const Slice& slice : m.slices) REQUIRE(sum.merge(slice.*metric));
  return sum.packed();
}

TEST_CASE("the slices add up to the window, exactly", "[slices]") {
  for (const Duration duration : {1500ms, 5000ms, 30000ms}) {
    Scenario scenario = busy(duration);
    scenario.warmup = 1s;
    const Measurement m = run_simulated(scenario, ServerProfile{}, 4);
    CHECK(m.slice_length == slice_length(duration));
    CHECK(m.slices.size() ==
          static_cast<std::size_t>((duration + m.slice_length - 1ns) / m.slice_length));
    CHECK(sum_of(m, &Slice::latency) == m.latency.packed());
    CHECK(sum_of(m, &Slice::response) == m.response.packed());
    CHECK(sum_of(m, &Slice::pool_wait) == m.pool_wait.packed());
    CHECK(sum_of(m, &Slice::connection_time) == m.connection_time.packed());
    CHECK(sum_of(m, &Slice::schedule_lag) == m.client.schedule_lag.packed());
    std::uint64_t completed = 0, failed = 0, by_class = 0;
    for (const Slice& slice : m.slices) {
      completed += slice.completed;
      failed += slice.failed;
      for (const auto& kind : slice.failures) by_class += kind.count;
    }
    CHECK(completed == m.requests.completed);
    CHECK(failed == m.requests.failed);
    CHECK(by_class == m.requests.failed);
    if (duration > 5s) CHECK(failed > 0);
  }
}

TEST_CASE(
    "a window after an automatic warm-up is as long as asked for, and every count is in order",
    "[warmup]") {
  Scenario scenario = busy(6s);
  scenario.warmup_auto = true;
  const Measurement m = run_simulated(scenario, ServerProfile{}, 5);
  CHECK(m.warmup_end.automatic);
  CHECK(m.warmup_end.steady);
  CHECK(m.warmup >= 11s);
  CHECK(m.warmup % 1s == 0s);
  CHECK(m.window == 6s);
  CHECK(m.series.size() == 6);
  CHECK(m.requests.scheduled() == m.requests.completed + m.requests.failed + m.requests.in_flight);
  CHECK(m.requests.completed == m.latency.count());
  CHECK(sum_of(m, &Slice::latency) == m.latency.packed());
  // The same window, planned.
  scenario.warmup_auto = false;
  scenario.warmup = m.warmup;
  const Measurement planned = run_simulated(scenario, ServerProfile{}, 5);
  CHECK_FALSE(planned.warmup_end.automatic);
  CHECK(planned.latency.packed() == m.latency.packed());
  CHECK(planned.requests.scheduled() == m.requests.scheduled());
  CHECK(planned.requests.carried_in == m.requests.carried_in);
  CHECK(planned.pools[0].checkouts == m.pools[0].checkouts);
  CHECK(planned.pools[0].checked_out_mean == m.pools[0].checked_out_mean);
}

TEST_CASE("a queue that only grows is measured after the most a warm-up may take", "[warmup]") {
  Scenario scenario = busy(5s);
  scenario.load = rate(400);  // 4 connections serve fewer than 200 a second
  scenario.deployment.pool.set("timeout", Duration{1h});
  scenario.warmup_auto = true;
  const Measurement m = run_simulated(scenario, ServerProfile{}, 1);
  CHECK(m.warmup == 30s);
  CHECK_FALSE(m.warmup_end.steady);
  CHECK(m.window == 5s);
}

TEST_CASE("a simulation stopped in its automatic warm-up measured nothing", "[warmup]") {
  StopFlag stop;
  stop.request();
  Scenario scenario = busy(5s);
  scenario.warmup_auto = true;
  const Measurement m = simulate(scenario, ServerProfile{}, 1, stop);
  CHECK(m.partial);
  CHECK(m.window == 0s);
  CHECK(m.requests.completed == 0);
}

TEST_CASE("a busy queue's p95 is less sure than its count says", "[slices]") {
  Scenario scenario = busy(600s);  // long enough for a p95 in spite of the dependence
  scenario.deployment.pool.set("timeout", Duration{1h});
  scenario.load = rate(185);
  scenario.warmup = 10s;
  const Measurement m = run_simulated(scenario, free_server(), 2);
  const auto naive = quantile_interval(m.latency, 0.95);
  const auto honest = quantile_interval(m.latency, {}, pieces_of(m, &Slice::latency), 0.95);
  REQUIRE(naive);
  REQUIRE(honest);
  CHECK(honest->high - honest->low > 2 * (naive->high - naive->low));
}

}  // namespace
}  // namespace poolgauge
