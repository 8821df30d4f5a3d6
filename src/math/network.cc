// Mean value analysis and operational bounds.
#include "math/network.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace poolgauge::math {

NetworkFigures mean_value_analysis(std::span<const double> demands_s, double think_s,
                                   std::uint64_t clients) {
  std::vector<double> queues(demands_s.size(), 0.0);
  NetworkFigures figures;
  for (std::uint64_t n = 1; n <= clients; ++n) {
    figures.response_s = 0.0;
    for (std::size_t k = 0; k < queues.size(); ++k) {
      figures.response_s += demands_s[k] * (1.0 + queues[k]);
    }
    figures.throughput_per_s = static_cast<double>(n) / (think_s + figures.response_s);
    for (std::size_t k = 0; k < queues.size(); ++k) {
      queues[k] = figures.throughput_per_s * demands_s[k] * (1.0 + queues[k]);
    }
  }
  return figures;
}

NetworkBounds operational_bounds(std::span<const double> demands_s, double think_s,
                                 std::uint64_t clients) {
  POOLGAUGE_CHECK(!demands_s.empty(), "a network has stations");
  const double total = std::accumulate(demands_s.begin(), demands_s.end(), 0.0);
  const double largest = *std::max_element(demands_s.begin(), demands_s.end());
  const double n = static_cast<double>(clients);
  return {std::min(n / (total + think_s), 1.0 / largest), std::max(total, n * largest - think_s),
          (total + think_s) / largest};
}

}  // namespace poolgauge::math
