// Intervals of a proportion.
#include "math/samples.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace poolgauge::math {

namespace {

/// The least whole number not below `value`, give or take a rounding error.
std::uint64_t rounded_up(double value) {
  return static_cast<std::uint64_t>(std::max(1.0, std::ceil(value - 1e-9)));
}

}  // namespace

Interval wilson(double k, double n, double alpha) {
  POOLGAUGE_CHECK(k >= 0 && k <= n, "no more events than trials");
  if (n <= 0) return {0, 1};
  const double z = normal_quantile(1.0 - alpha / 2);
  const double rate = k / n;
  const double centre = rate + z * z / (2 * n);
  const double reach = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {k <= 0 ? 0.0 : std::max(0.0, (centre - reach) / scale),
          k >= n ? 1.0 : std::min(1.0, (centre + reach) / scale)};
}

Interval clopper_pearson(double k, double n, double alpha) {
  POOLGAUGE_CHECK(k >= 0 && k <= n, "no more events than trials");
  if (n <= 0) return {0, 1};
  const double low = k <= 0 ? 0.0 : beta_quantile(k, n - k + 1, alpha / 2);
  const double high = k >= n ? 1.0 : beta_upper_quantile(k + 1, n - k, alpha / 2);
  return {low, high};
}

std::optional<Ranks> quantile_ranks(std::uint64_t n, double q, double alpha) {
  POOLGAUGE_CHECK(q > 0 && q < 1, "a quantile lies between 0 and 1");
  if (n == 0) return std::nullopt;
  const double count = static_cast<double>(n);
  // How many values lie below the quantile.
  const auto at_most = [=](double k) { return k < 0 ? 0.0 : binomial_cdf(count, q, k); };
  const double tail = alpha / 2;
  double low = std::floor(count * q);
  while (low >= 1 && at_most(low - 1) > tail) --low;
  while (low < count && at_most(low) <= tail) ++low;
  double high = std::max(1.0, std::floor(count * q));
  while (high <= count && at_most(high - 1) < 1 - tail) ++high;
  if (low < 1 || high > count) return std::nullopt;
  return Ranks{static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high),
               at_most(high - 1) - at_most(low - 1)};
}

std::uint64_t samples_for_quantile(double q, double alpha) {
  POOLGAUGE_CHECK(q > 0 && q < 1, "a quantile lies between 0 and 1");
  return rounded_up(std::log(alpha / 2) / std::log(q));
}

std::uint64_t samples_for_zero_events(double x, double alpha) {
  POOLGAUGE_CHECK(x > 0 && x < 1, "a rate lies between 0 and 1");
  return rounded_up(std::log(alpha) / std::log1p(-x));
}

double effective_samples(double fraction, double spread, std::uint64_t batches, double n) {
  const double variance = spread * spread / static_cast<double>(batches);
  if (variance <= 0) return n;
  return std::min(n, fraction * (1 - fraction) / variance);
}

double detectable_effect(std::uint64_t n, double s, double alpha, double beta) {
  POOLGAUGE_CHECK(n >= 2, "one pair has no spread");
  const auto count = static_cast<double>(n);
  return detectable_shift(s / std::sqrt(count), count - 1, alpha, beta);
}

double detectable_shift(double error, double freedom, double alpha, double beta) {
  POOLGAUGE_CHECK(freedom >= 1, "one value has no spread");
  const auto quantile = [freedom](double tail) {
    return std::isinf(freedom) ? normal_upper_quantile(tail)
                               : student_upper_quantile(freedom, tail);
  };
  return (quantile(alpha / 2) + quantile(beta)) * error;
}

namespace {

/// The smallest n from 2 on of which `detectable(n)`, which falls, is at most `effect`.
template <class Detectable>
std::uint64_t enough_for(double effect, Detectable&& detectable) {
  POOLGAUGE_CHECK(effect > 0, "no sample shows no difference");
  constexpr std::uint64_t kMost = 1'000'000;
  const auto shows = [&](std::uint64_t n) { return n >= kMost || detectable(n) <= effect; };
  // What can be detected falls as pairs are added: double until it shows, then halve the gap.
  std::uint64_t enough = 2;
  while (!shows(enough)) enough *= 2;
  if (enough == 2) return enough;
  std::uint64_t too_few = enough / 2;
  enough = std::min(enough, kMost);
  while (enough - too_few > 1) {
    const std::uint64_t middle = too_few + (enough - too_few) / 2;
    (shows(middle) ? enough : too_few) = middle;
  }
  return enough;
}

}  // namespace

std::uint64_t pairs_for_effect(double effect, double s, double alpha, double beta) {
  return enough_for(effect, [&](std::uint64_t n) { return detectable_effect(n, s, alpha, beta); });
}

std::uint64_t runs_for_effect(double effect, double s, double alpha, double beta) {
  return enough_for(effect, [&](std::uint64_t n) {
    const auto count = static_cast<double>(n);
    return detectable_shift(s / std::sqrt(count), 2 * count - 2, alpha, beta);
  });
}

}  // namespace poolgauge::math
