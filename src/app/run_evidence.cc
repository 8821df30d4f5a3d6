// What one run shows of the settings beside the size.
#include <algorithm>

#include "app/advisor.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::app {

namespace {

/// In seconds; where requests in flight show that it is larger, what it is at least.
double seconds_of(const TimeFigure& figure) {
  return std::max(figure.value_or(0), figure.at_least.value_or(0)) / 1e3;
}

bool known(const TimeFigure& percentile) {
  return percentile || percentile.at_least;
}

/// A percentile; the longest where the sample is too small for it.
double seconds_of(const TimeFigure& percentile, const TimeFigure& longest) {
  return known(percentile) ? seconds_of(percentile) : seconds_of(longest);
}

}  // namespace

SettingsEvidence evidence_of(const Scenario& scenario, const Report& report) {
  const double fleet = scenario.deployment.fleet();
  const PoolSpec& pool = scenario.deployment.pool;
  const SizingOptions names = sizing_options(pool.kind).value_or(SizingOptions{});
  SettingsEvidence seen;
  seen.rate_per_s = report.throughput_per_s / fleet;
  seen.hold_mean_s = report.connection_time.mean.value_or(0) / 1e3;
  if (!report.pools.empty()) {
    seen.busy_mean = report.pools.front().measured.checked_out_mean / fleet;
  }
  const LatencySummary& hold = report.connection_time;
  seen.hold_p99_s = seconds_of(hold.p99, hold.max);
  seen.hold_p999_s = seconds_of(hold.p999, hold.max);
  seen.hold_p99_known = known(hold.p99);
  seen.hold_p999_known = known(hold.p999);
  const LatencySummary& wait = report.pool_wait;
  seen.wait_p95_s = seconds_of(wait.p95, wait.max);
  seen.wait_p99_s = seconds_of(wait.p99, wait.max);
  seen.wait_p99_known = known(wait.p99);
  seen.wait_max_s = seconds_of(wait.max);
  seen.wait_unended = wait.max.at_least.value_or(0) > wait.max.value_or(0);
  seen.some_unserved = std::any_of(
      report.failures.begin(), report.failures.end(),
      [](const FailureCount& one) { return one.phase == Phase::checkout || one.waiting > 0; });
  const LatencySummary& connect = report.connect;
  seen.connect_p99_s = seconds_of(connect.p99, connect.max);
  seen.connect_p99_known = known(connect.p99);
  if (connect.mean) seen.connect_mean_s = *connect.mean / 1e3;
  if (!names.age.empty() && pool.duration(names.age) > Duration{0}) {
    seen.own_age_s = to_s(pool.duration(names.age));
  }
  // A test as it was measured, or a BEGIN, which is as small.
  const TimedCount& pings = report.calibration.pings;
  seen.round_trip_s = pings.count > 0 ? pings.mean_us() / 1e6 : report.breakdown_ms.begin / 1e3;
  if (scenario.deadline) seen.deadline_s = to_s(*scenario.deadline);
  seen.own_ping = names.ping.empty() || pool.boolean(names.ping);
  seen.closes_at_return = names.closes_at_return;
  seen.kept_name = names.kept;
  seen.wait_name = names.wait;
  seen.age_name = names.age;
  seen.ping_name = names.ping;
  return seen;
}

}  // namespace poolgauge::app
