// Several simulated runs of each size: their sum is the expectation, their spread the scatter.
#include "app/simulated_sizes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "advise/score.h"
#include "app/world.h"
#include "stats/product_limit.h"

namespace poolgauge::app {

namespace {

constexpr std::uint64_t kReplicas = 8;
constexpr double kRequests = 60'000;  // in all replicas: what the expectation rests on
constexpr double kShortest_s = 3;
constexpr double kLongest_s = 600;
constexpr double kLeastError = 0.005;
const StopFlag kNever;

double replica_seconds(const SizesPlan& plan) {
  const double wanted = kRequests / kReplicas / std::max(plan.requests_per_s, 0.1);
  return std::clamp(wanted, std::min(kShortest_s, plan.run_s), kLongest_s);
}

double spread(const std::vector<double>& values) {
  double mean = 0;
  double n = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    mean += value;
    ++n;
  }
  if (n < 2) return 1;
  mean /= n;
  double squares = 0;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  }
  return std::sqrt(squares / (n - 1));
}

double rate_of(const Measurement& measured, FailureClass which) {
  double hits = 0;
  for (const FailureCount& failure : measured.failures) {
    if (failure.failure == which) hits += static_cast<double>(failure.count);
  }
  const auto ended = static_cast<double>(measured.requests.ended());
  return ended > 0 ? hits / ended : 0;
}

/// Nothing where requests in flight keep it unknown.
std::optional<double> quantile_ms(const Histogram& ended, const Histogram& ages, double q) {
  const BoundedQuantile found = bounded_quantile(ended, ages, q);
  if (!found.value) return std::nullopt;
  return to_ms(*found.value);
}

PoolForecast forecast_of(const Measurement& measured) {
  constexpr double kQuantile = 0.95;
  PoolForecast forecast;
  forecast.pool_timeout_rate = rate_of(measured, FailureClass::pool_timeout);
  forecast.latency_p95_ms = quantile_ms(measured.latency, latency_ages(measured), kQuantile);
  if (!measured.pool_wait.empty()) {
    constexpr Duration kAtOnce = std::chrono::microseconds(500);
    forecast.pool_wait_p95_ms =
        quantile_ms(measured.pool_wait, pool_wait_ages(measured), kQuantile);
    forecast.wait_probability =
        1 - static_cast<double>(measured.pool_wait.count_at_or_below(kAtOnce)) /
                static_cast<double>(measured.pool_wait.count());
  }
  if (!measured.pools.empty() && measured.pools.front().capacity > 0) {
    forecast.utilization = measured.pools.front().checked_out_mean /
                           static_cast<double>(measured.pools.front().capacity);
  }
  return forecast;
}

}  // namespace

bool SimulatedSizes::Figures::met() const {
  return std::all_of(goals.begin(), goals.end(),
                     [](const GoalScore& goal) { return goal.value <= 0; });
}

SimulatedSizes::Figures SimulatedSizes::simulated(std::int64_t total) const {
  Scenario sized = with_pool_at(scenario_, pool_, total, total);
  const double seconds = replica_seconds(plan_);
  sized.duration = from_s(seconds);
  sized.warmup = std::max(sized.warmup, from_s(seconds / 20));
  Measurement all;
  std::vector<std::vector<double>> scores;
  for (std::uint64_t replica = 0; replica < kReplicas; ++replica) {
    // The same seeds for every size: what differs is the size.
    const std::uint64_t seed = plan_.seed * 1000 + 17 * (replica + 1);
    Measurement one = simulate(sized, profile_, seed, kNever, {}, Keep::goals);
    scores.push_back(goal_scores(sized, one));
    if (replica == 0) {
      all = std::move(one);
    } else {
      all.merge(one);
    }
  }
  all.window = sized.duration * static_cast<std::int64_t>(kReplicas);  // one after the other
  Figures figures;
  const double per_run = seconds * static_cast<double>(kReplicas) / plan_.run_s;
  const std::vector<double> expected = goal_scores(sized, all, per_run);
  for (std::size_t goal = 0; goal < expected.size(); ++goal) {
    std::vector<double> values;
    for (const auto& one : scores) values.push_back(one[goal]);
    const double scatter = spread(values) * std::sqrt(seconds / plan_.run_s);
    const double value = std::isnan(expected[goal]) ? kFarScore : expected[goal];
    figures.goals.push_back({value, std::max(scatter, kLeastError)});
  }
  figures.forecast = forecast_of(all);
  figures.throughput_per_s =
      static_cast<double>(all.requests.completed) / (seconds * static_cast<double>(kReplicas));
  figures.hold_mean_s = all.connection_time.mean_ns() / 1e9;
  return figures;
}

const SimulatedSizes::Figures& SimulatedSizes::at(std::int64_t total) const {
  const auto known = known_.find(total);
  if (known != known_.end()) return known->second;
  return known_.emplace(total, simulated(total)).first->second;
}

std::optional<std::int64_t> SimulatedSizes::smallest(std::int64_t most) const {
  std::int64_t fails = 0;
  std::int64_t does = 1;
  while (!at(does).met()) {
    if (does >= most) return std::nullopt;
    fails = does;
    does = std::min(2 * does, most);
  }
  while (does - fails > 1) {
    const std::int64_t middle = fails + (does - fails) / 2;
    (at(middle).met() ? does : fails) = middle;
  }
  return does;
}

SizeModel SimulatedSizes::model() const {
  return [this](std::int64_t total) { return at(total).goals; };
}

}  // namespace poolgauge::app
