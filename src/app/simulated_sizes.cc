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
constexpr std::uint64_t kGlance = 2;  // of them
constexpr double kFar = 0.7;          // twice the limit, or half of it
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

/// Whether each run misses the same goal by far, or each meets all of them by far and alike.
bool far_from_deciding(const std::vector<std::vector<double>>& scores) {
  bool misses = false;
  bool meets = true;
  for (std::size_t goal = 0; goal < scores.front().size(); ++goal) {
    double least = kFarScore, most = -kFarScore;
    for (const std::vector<double>& one : scores) {
      if (std::isnan(one[goal])) return false;
      least = std::min(least, one[goal]);
      most = std::max(most, one[goal]);
    }
    misses = misses || least > kFar;
    meets = meets && most + 2 * (most - least) < -kFar;
  }
  return misses || meets;
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

/// Runs of one size, one after the other.
struct SimulatedSizes::Replicas {
  Scenario sized;
  double seconds = 0;  ///< of each
  std::uint64_t count = 0;
  Measurement all;
  std::vector<std::vector<double>> scores;
};

SimulatedSizes::Replicas SimulatedSizes::begun(std::int64_t total) const {
  Replicas replicas;
  replicas.sized = with_pool_at(scenario_, pool_, total, total);
  replicas.seconds = replica_seconds(plan_);
  replicas.sized.duration = from_s(replicas.seconds);
  replicas.sized.warmup = std::max(replicas.sized.warmup, from_s(replicas.seconds / 20));
  return replicas;
}

void SimulatedSizes::simulate_up_to(Replicas& replicas, std::uint64_t count) const {
  for (; replicas.count < count; ++replicas.count) {
    // The same seeds for every size: what differs is the size.
    const std::uint64_t seed = plan_.seed * 1000 + 17 * (replicas.count + 1);
    Measurement one = simulate(replicas.sized, profile_, seed, kNever, {}, Keep::goals);
    replicas.scores.push_back(goal_scores(replicas.sized, one));
    if (replicas.count == 0) {
      replicas.all = std::move(one);
    } else {
      replicas.all.merge(one);
    }
  }
  replicas.all.window = replicas.sized.duration * static_cast<std::int64_t>(count);
}

std::vector<GoalScore> SimulatedSizes::scores_of(const Replicas& replicas) const {
  std::vector<GoalScore> goals;
  const double per_run = replicas.seconds * static_cast<double>(replicas.count) / plan_.run_s;
  const std::vector<double> expected = goal_scores(replicas.sized, replicas.all, per_run);
  for (std::size_t goal = 0; goal < expected.size(); ++goal) {
    std::vector<double> values;
    for (const auto& one : replicas.scores) values.push_back(one[goal]);
    const double scatter = spread(values) * std::sqrt(replicas.seconds / plan_.run_s);
    const double value = std::isnan(expected[goal]) ? kFarScore : expected[goal];
    goals.push_back({value, std::max(scatter, kLeastError)});
  }
  return goals;
}

SimulatedSizes::Figures SimulatedSizes::figures_of(const Replicas& replicas) const {
  const Measurement& all = replicas.all;
  Figures figures;
  figures.goals = scores_of(replicas);
  figures.forecast = forecast_of(all);
  figures.throughput_per_s = static_cast<double>(all.requests.completed) /
                             (replicas.seconds * static_cast<double>(replicas.count));
  figures.hold_mean_s = all.connection_time.mean_ns() / 1e9;
  return figures;
}

const SimulatedSizes::Figures& SimulatedSizes::at(std::int64_t total) const {
  const auto known = known_.find(total);
  if (known != known_.end()) return known->second;
  Replicas replicas = begun(total);
  simulate_up_to(replicas, kReplicas);
  return known_.emplace(total, figures_of(replicas)).first->second;
}

// Half of the sizes that a search asks for miss a goal by far or meet all of them by far: two runs
// show that as well as all do.
const SimulatedSizes::Figures& SimulatedSizes::glance(std::int64_t total) const {
  const auto known = known_.find(total);
  if (known != known_.end()) return known->second;
  const auto glanced = glanced_.find(total);
  if (glanced != glanced_.end()) return glanced->second;
  Replicas replicas = begun(total);
  simulate_up_to(replicas, kGlance);
  if (far_from_deciding(replicas.scores)) {
    return glanced_.emplace(total, figures_of(replicas)).first->second;
  }
  simulate_up_to(replicas, kReplicas);
  return known_.emplace(total, figures_of(replicas)).first->second;
}

std::optional<std::int64_t> SimulatedSizes::smallest(std::int64_t most) const {
  std::int64_t fails = 0;
  std::int64_t does = 1;
  while (!glance(does).met()) {
    if (does >= most) return std::nullopt;
    fails = does;
    does = std::min(2 * does, most);
  }
  while (does - fails > 1) {
    const std::int64_t middle = fails + (does - fails) / 2;
    (glance(middle).met() ? does : fails) = middle;
  }
  return does;
}

SizeModel SimulatedSizes::model() const {
  return [this](std::int64_t total) { return glance(total).goals; };
}

}  // namespace poolgauge::app
