// Batch means (Law and Kelton), for fractions as a ratio estimate.
#include "math/samples.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace poolgauge::math {

namespace {

constexpr std::size_t kFewest = 8;         // batches that can show a spread
constexpr std::size_t kEnoughToJoin = 20;  // so that 10 remain
constexpr std::size_t kBatches = 30;
constexpr double kDependent = 0.3;  // correlation of neighbours

std::vector<BatchCount> joined(std::span<const BatchCount> batches, std::size_t group) {
  std::vector<BatchCount> all;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (i % group == 0) all.emplace_back();
    all.back().hits += batches[i].hits;
    all.back().trials += batches[i].trials;
  }
  // A last one that is not whole would count as much as the others.
  if (batches.size() % group != 0 && all.size() > 1) {
    all[all.size() - 2].hits += all.back().hits;
    all[all.size() - 2].trials += all.back().trials;
    all.pop_back();
  }
  return all;
}

BatchCount sum_of(std::span<const BatchCount> batches) {
  BatchCount sum;
  for (const BatchCount& batch : batches) {
    sum.hits += batch.hits;
    sum.trials += batch.trials;
  }
  return sum;
}

/// How far the batches' hits are from what the common fraction makes of their trials.
struct Spread {
  double squares = 0;
  double correlation = 0;  ///< of neighbours
};

Spread spread_of(std::span<const BatchCount> batches, double fraction) {
  Spread spread;
  double products = 0;
  double before = 0;
  for (const BatchCount& batch : batches) {
    const double off = batch.hits - fraction * batch.trials;
    spread.squares += off * off;
    products += before * off;
    before = off;
  }
  if (spread.squares > 0) spread.correlation = products / spread.squares;
  return spread;
}

/// How much wider than the batches' own spread makes it.
double widening(double correlation) {
  if (correlation <= kDependent) return 1;
  const double bounded = std::min(correlation, 0.95);
  return (1 + bounded) / (1 - bounded);
}

double t_quantile(std::size_t batches, double alpha) {
  return student_upper_quantile(static_cast<double>(batches - 1), alpha / 2);
}

struct Variance {
  double of_ratio = 0;  ///< of all hits / all trials
  std::size_t batches = 0;
};

std::optional<Variance> variance_of(std::span<const BatchCount> given, const BatchCount& sum) {
  std::vector<BatchCount> batches;
  for (const BatchCount& batch : given) {
    if (batch.trials > 0) batches.push_back(batch);
  }
  if (batches.size() < kFewest) return std::nullopt;
  if (batches.size() >= 2 * kBatches) batches = joined(batches, batches.size() / kBatches);
  const double fraction = sum.hits / sum.trials;
  Spread spread = spread_of(batches, fraction);
  while (spread.correlation > kDependent && batches.size() >= kEnoughToJoin) {
    batches = joined(batches, 2);
    spread = spread_of(batches, fraction);
  }
  const double count = static_cast<double>(batches.size());
  return Variance{spread.squares * widening(spread.correlation) * count / (count - 1) /
                      (sum.trials * sum.trials),
                  batches.size()};
}

}  // namespace

EffectiveSample effective_sample(std::span<const BatchCount> batches, double alpha) {
  const BatchCount sum = sum_of(batches);
  const EffectiveSample all{sum.trials, 0};
  if (sum.trials <= 0 || sum.hits <= 0 || sum.hits >= sum.trials) return all;
  const std::optional<Variance> variance = variance_of(batches, sum);
  if (!variance) return all;
  const double fraction = sum.hits / sum.trials;
  const double normal = normal_quantile(1 - alpha / 2);
  const double certainty = normal / t_quantile(variance->batches, alpha);
  const double worth = variance->of_ratio > 0
                           ? fraction * (1 - fraction) / variance->of_ratio * certainty * certainty
                           : sum.trials;
  return {std::clamp(worth, 1.0, sum.trials), variance->batches};
}

std::optional<Interval> series_mean_interval(std::span<const double> series, double alpha) {
  std::vector<BatchCount> batches;
  for (const double value : series) batches.push_back({value, 1});
  const BatchCount sum = sum_of(batches);
  const std::optional<Variance> variance = variance_of(batches, sum);
  if (!variance) return std::nullopt;
  const double mean = sum.hits / sum.trials;
  const double reach = t_quantile(variance->batches, alpha) * std::sqrt(variance->of_ratio);
  return Interval{mean - reach, mean + reach};
}

}  // namespace poolgauge::math
