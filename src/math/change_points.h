// Change points of a series of values.
#pragma once

#include <cstdint>
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

}  // namespace poolgauge::math
