#include "assess/describe.h"

#include "stats/product_limit.h"

namespace poolgauge {

Percentiles percentiles_of(const Histogram& histogram, const Histogram& ages) {
  constexpr int kPerHalving = 4;
  Percentiles all;
  const double count = static_cast<double>(histogram.count());
  for (double left = 1; left * count >= 1; left /= 2) {
    for (int i = 0; i < kPerHalving; ++i) {
      const double beyond = left * (1 - 0.5 * i / kPerHalving);
      if (beyond * count < 1) return all;
      const BoundedQuantile found = bounded_quantile(histogram, ages, 1 - beyond);
      if (!found.value) return all;
      all.push_back({100 * (1 - beyond), to_ms(*found.value)});
    }
  }
  return all;
}

}  // namespace poolgauge
