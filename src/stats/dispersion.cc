// Counting in windows.
#include "stats/dispersion.h"

#include <cmath>

namespace poolgauge {

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

}  // namespace poolgauge
