// Intervals of measured quantiles and rates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "poolgauge/histogram.h"
#include "poolgauge/measurement.h"

namespace poolgauge {

/// The smallest number of values with which an order statistic bounds the quantile q in (0, 1)
/// from above with 97.5 % confidence: the first n with 1 - q^n >= 0.975.
/// p50: 6, p90: 36, p95: 72, p99: 368, p99.9: 3,688.
std::uint64_t samples_needed(double q);
/// Whether n values say anything about the quantile q. False where q is not in (0, 1).
bool quantile_supported(std::uint64_t n, double q);

/// Ranks, counted from 1, of the two order statistics that enclose a quantile.
struct RankInterval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
/// At most 2.5 % of samples of n independent values have the quantile q below rank `low`, and as
/// few above rank `high`. The number of values below the quantile is Binomial(n, q): summed exactly
/// up to n = 1,000 and wherever the rarer side expects at most 1,000 values, else by the normal
/// approximation with continuity correction. Nothing where a rank would lie outside 1..n.
std::optional<RankInterval> quantile_ranks(std::uint64_t n, double q);

struct DurationInterval {
  Duration low{0};
  Duration high{0};
};
/// The recorded values at those ranks. Values that depend on each other (neighbours in a queue do)
/// make the true interval wider than this one.
std::optional<DurationInterval> quantile_interval(const Histogram& histogram, double q);

/// Fractions in [0, 1].
struct RateInterval {
  double low = 0;
  double high = 1;
};
/// Wilson's score interval for `events` of `trials`; [0, 1] without trials.
RateInterval wilson_interval(std::uint64_t events, std::uint64_t trials);

/// The one-sided 95 % upper limit (Clopper and Pearson) of a rate when none of `trials` had the
/// event: 1 - 0.05^(1/trials), about 3 / trials; 1 without trials.
double zero_events_upper_limit(std::uint64_t trials);

// The index of dispersion of a stream of events.

/// Var(count) / E(count) of the counts in windows.
struct Dispersion {
  double index = 0;  ///< 0: too few windows to say
  double standard_error = 0;
};
/// Windows of `bins` bins each, one after the other.
Dispersion dispersion_of(const std::vector<std::uint32_t>& counts, std::size_t bins);

// Finding one histogram in a sparse list of them.

/// The histogram with this index; nullptr when it has no value. The list is ascending.
const PackedHistogram* find_packed(const std::vector<PackedAt>& list, std::size_t index);
/// The same, inserted empty where it is missing.
PackedHistogram& packed_at(std::vector<PackedAt>& list, std::size_t index);

}  // namespace poolgauge
