// Where a series of values changes: change points and the end of a warm-up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace poolgauge::math {

struct ChangePoint {
  std::size_t at = 0;            ///< the first value of the new level
  double before = 0, after = 0;  ///< medians of the two levels
  double p = 1;                  ///< of such a split by chance alone
};

struct ChangeRules {
  double alpha = 0.01;
  double least = 0.05;  ///< smaller differences of the medians are not reported
  std::size_t least_segment = 3;
  unsigned permutations = 999;
  std::uint64_t seed = 1;
};

/// E-divisive (Matteson and James 2014) with exponent 1: the split with the largest energy distance
/// between its two sides, kept if fewer than alpha of the shuffled series split as well; then the
/// same within each side. Weak points are tested again between their neighbors and removed if not
/// significant. Time grows with the square of the series' length.
std::vector<ChangePoint> change_points(std::span<const double> values, const ChangeRules& rules);

// Warm-up detection in a series.

struct Truncation {
  std::size_t delete_first = 0;  ///< values
  double mean_after = 0;         ///< of the whole batches that remain
  double statistic = 0;          ///< the squared standard error that was minimized
  bool at_limit = false;         ///< the best cut was the last one looked at: too short a series
};

/// MSER: means of batches; of the cuts before the middle, the one that leaves the smallest
/// sum((Y - mean)^2) / left^2. Nothing with fewer than two whole batches.
std::optional<Truncation> mser(std::span<const double> series, std::size_t batch = 5);

/// From which value on a series is steady: MSER-5's cut, unless that is the last one looked at, the
/// halves of what is left differ by more than twice their standard error (and by more than a
/// hundredth of their mean), or fewer than `least` values are left. Nothing where it is not.
std::optional<std::size_t> steady_from(std::span<const double> series, std::size_t least);

}  // namespace poolgauge::math
