// The product-limit estimator over two histograms.
#include "stats/product_limit.h"

#include <algorithm>
#include <cmath>

namespace poolgauge {

namespace {

constexpr double kZ = 1.959963984540054;  // 95 %
// A product of fractions that makes up 1 - q in exact arithmetic must count as having reached it.
constexpr double kSlack = 1e-12;

/// At a bucket, all its ended values at once: the product and Greenwood's sum over single values
/// telescope. Ages in the same bucket stay at risk until after it.
void take_step(SurvivalStep& step, double& variance, std::uint64_t at_risk, std::uint64_t count) {
  const auto before = static_cast<double>(at_risk);
  const auto after = static_cast<double>(at_risk - count);
  step.survival *= after / before;
  step.ended += count;
  if (at_risk == count) {
    step.survival = step.error = 0;
    return;
  }
  variance += 1 / after - 1 / before;
  step.error = step.survival * std::sqrt(variance);
}

}  // namespace

std::vector<SurvivalStep> product_limit(const Histogram& ended, const Histogram& ages) {
  std::vector<SurvivalStep> steps;
  const std::vector<Histogram::Bucket> young = ages.buckets();
  auto age = young.begin();
  std::uint64_t at_risk = ended.count() + ages.count();
  SurvivalStep step;
  double variance = 0;
  for (const Histogram::Bucket& bucket : ended.buckets()) {
    for (; age != young.end() && age->low < bucket.low; ++age) at_risk -= age->count;
    take_step(step, variance, at_risk, bucket.count);
    at_risk -= bucket.count;
    step.time = std::clamp(bucket.low + (bucket.high - bucket.low) / 2, ended.min(), ended.max());
    steps.push_back(step);
  }
  return steps;
}

BoundedQuantile bounded_quantile(const Histogram& ended, const Histogram& ages, double q) {
  if (ages.empty()) {
    if (ended.empty()) return {};
    return {ended.quantile(q), std::nullopt};
  }
  const std::vector<SurvivalStep> steps = product_limit(ended, ages);
  const auto reached = std::find_if(steps.begin(), steps.end(), [q](const SurvivalStep& step) {
    return step.survival <= 1 - q + kSlack;
  });
  if (reached != steps.end()) return {reached->time, std::nullopt};
  return {std::nullopt, std::max(ages.max(), ended.max())};
}

double least_mean_ns(const Histogram& ended, const Histogram& ages) {
  const auto count = static_cast<double>(ended.count() + ages.count());
  return count > 0 ? (ended.sum_ns() + ages.sum_ns()) / count : 0;
}

double share_surely_over(const Histogram& ended, const Histogram& ages, Duration limit) {
  const std::uint64_t all = ended.count() + ages.count();
  if (all == 0) return 0;
  const std::uint64_t within = ended.count_at_or_below(limit) + ages.count_at_or_below(limit);
  return static_cast<double>(all - within) / static_cast<double>(all);
}

Unresolved unresolved(const Histogram& ended, const Histogram& ages) {
  Unresolved found;
  if (ages.empty() || ages.max() < ended.max()) return found;
  found.count = ages.count() - ages.count_at_or_below(ended.max());
  found.oldest = ages.max();
  if (found.count == 0) return found;
  const std::vector<SurvivalStep> steps = product_limit(ended, ages);
  found.share = steps.empty() ? 1 : steps.back().survival;
  const double error = steps.empty() ? 0 : steps.back().error;
  found.share_high = std::min(1.0, found.share + kZ * error);
  return found;
}

}  // namespace poolgauge
