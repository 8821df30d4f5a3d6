// Closed queueing networks by mean value analysis, and operational bounds.
#pragma once

#include <cstdint>
#include <span>

namespace poolgauge::math {

struct NetworkFigures {
  double throughput_per_s = 0;
  double response_s = 0;  ///< without the think time
};

/// Exact mean value analysis: one class of `clients`, queueing stations with these demands.
NetworkFigures mean_value_analysis(std::span<const double> demands_s, double think_s,
                                   std::uint64_t clients);

/// Operational bounds; they hold for any distribution.
struct NetworkBounds {
  double throughput_at_most = 0;
  double response_at_least = 0;
  double knee_clients = 0;  ///< where the two bounds on throughput meet
};
NetworkBounds operational_bounds(std::span<const double> demands_s, double think_s,
                                 std::uint64_t clients);

}  // namespace poolgauge::math
