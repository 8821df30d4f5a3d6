// Warm-up detection in a series.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace poolgauge::math {

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
