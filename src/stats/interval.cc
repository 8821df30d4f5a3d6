// Intervals.
#include "stats/interval.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace poolgauge {

namespace {

constexpr double kTail = 0.025;           // on each side of a 95 % interval
constexpr double kZ = 1.959963984540054;  // the standard normal's quantile at 1 - kTail
constexpr std::uint64_t kExactSamples = 1000;
constexpr double kExactRareValues = 1000.0;

// For X ~ Binomial(n, p): the largest k with P(X <= k) <= kTail (-1 if none), and the smallest with
// P(X <= k) >= 1 - kTail.
struct Tails {
  std::int64_t below = -1;
  std::int64_t above = 0;
};

// Adds up the probabilities from 0 on; as logarithms, because (1-p)^n may be too small for a
// double.
Tails exact_tails(std::uint64_t n, double p) {
  const double count = static_cast<double>(n);
  const double log_odds = std::log(p) - std::log1p(-p);
  double log_probability = count * std::log1p(-p);
  double sum = 0.0;
  Tails tails;
  for (std::uint64_t k = 0; k <= n; ++k) {
    const double done = static_cast<double>(k);
    sum += std::exp(log_probability);
    if (sum <= kTail) tails.below = static_cast<std::int64_t>(k);
    tails.above = static_cast<std::int64_t>(k);
    if (sum >= 1.0 - kTail) break;
    log_probability += std::log((count - done) / (done + 1.0)) + log_odds;
  }
  return tails;
}

Tails normal_tails(std::uint64_t n, double p) {
  const double count = static_cast<double>(n);
  const double mean = count * p;
  const double reach = kZ * std::sqrt(mean * (1.0 - p));
  return Tails{static_cast<std::int64_t>(std::floor(mean - reach - 0.5)),
               static_cast<std::int64_t>(std::ceil(mean + reach - 0.5))};
}

Tails tails_of(std::uint64_t n, double p) {
  const bool exact = n <= kExactSamples || static_cast<double>(n) * p <= kExactRareValues;
  return exact ? exact_tails(n, p) : normal_tails(n, p);
}

bool is_inner(double q) {
  return q > 0.0 && q < 1.0;
}

}  // namespace

std::uint64_t samples_needed(double q) {
  POOLGAUGE_CHECK(is_inner(q), "a quantile lies between 0 and 1");
  // The tiny slack keeps a rounding error from asking for one more where q^n hits the limit.
  const double needed = std::ceil(std::log(kTail) / std::log(q) - 1e-9);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(needed));
}

bool quantile_supported(std::uint64_t n, double q) {
  return is_inner(q) && n >= samples_needed(q);
}

std::optional<RankInterval> quantile_ranks(std::uint64_t n, double q) {
  if (!is_inner(q) || n == 0) return std::nullopt;
  // Count the values on the rarer side of the quantile: that sum is short.
  const auto all = static_cast<std::int64_t>(n);
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (q >= 0.5) {
    const Tails above = tails_of(n, 1.0 - q);
    low = all - above.above;
    high = all - above.below;
  } else {
    const Tails below = tails_of(n, q);
    low = below.below + 1;
    high = below.above + 1;
  }
  if (low < 1 || high > all) return std::nullopt;
  return RankInterval{static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high)};
}

std::optional<DurationInterval> quantile_interval(const Histogram& histogram, double q) {
  const std::optional<RankInterval> ranks = quantile_ranks(histogram.count(), q);
  if (!ranks) return std::nullopt;
  return DurationInterval{histogram.value_at_rank(ranks->low),
                          histogram.value_at_rank(ranks->high)};
}

RateInterval wilson_interval(std::uint64_t events, std::uint64_t trials) {
  POOLGAUGE_CHECK(events <= trials, "no more events than trials");
  if (trials == 0) return RateInterval{};
  const double n = static_cast<double>(trials);
  const double rate = static_cast<double>(events) / n;
  const double z2 = kZ * kZ;
  const double centre = rate + z2 / (2.0 * n);
  const double reach = kZ * std::sqrt(rate * (1.0 - rate) / n + z2 / (4.0 * n * n));
  const double scale = 1.0 + z2 / n;
  // Exactly 0 and 1 at the ends, where the difference leaves a rounding error.
  const double low = events == 0 ? 0.0 : std::max(0.0, (centre - reach) / scale);
  const double high = events == trials ? 1.0 : std::min(1.0, (centre + reach) / scale);
  return RateInterval{low, high};
}

double zero_events_upper_limit(std::uint64_t trials) {
  if (trials == 0) return 1.0;
  return -std::expm1(std::log(0.05) / static_cast<double>(trials));
}

Dispersion dispersion_of(const std::vector<std::uint32_t>& counts, std::size_t bins) {
  constexpr std::size_t kFewestWindows = 20;
  if (bins == 0) return {};
  const std::size_t windows = counts.size() / bins;
  if (windows < kFewestWindows) return {};
  double sum = 0;
  double squares = 0;
  for (std::size_t w = 0; w < windows; ++w) {
    double count = 0;
    for (std::size_t i = 0; i < bins; ++i) count += counts[w * bins + i];
    sum += count;
    squares += count * count;
  }
  const auto n = static_cast<double>(windows);
  const double mean = sum / n;
  if (mean <= 0) return {};
  const double variance = (squares - sum * mean) / (n - 1);
  const double index = variance / mean;
  return {index, index * std::sqrt(2 / (n - 1))};
}

namespace {

template <class List>
auto place_of(List& list, std::size_t index) {
  return std::lower_bound(list.begin(), list.end(), index,
                          [](const PackedAt& at, std::size_t i) { return at.index < i; });
}

}  // namespace

const PackedHistogram* find_packed(const std::vector<PackedAt>& list, std::size_t index) {
  const auto found = place_of(list, index);
  return found != list.end() && found->index == index ? &found->values : nullptr;
}

PackedHistogram& packed_at(std::vector<PackedAt>& list, std::size_t index) {
  const auto found = place_of(list, index);
  if (found != list.end() && found->index == index) return found->values;
  return list.insert(found, PackedAt{static_cast<std::uint32_t>(index), {}})->values;
}

}  // namespace poolgauge
