// The cost of a look decides how long to wait for the next.
#include "pg/observe/observe_pace.h"

#include <algorithm>

namespace poolgauge {
namespace {

constexpr double kAimedCost = 0.0045;  // of a core; 0.005 is what is promised
constexpr Duration kLongestInterval = std::chrono::seconds(5);

}  // namespace

Duration paced_interval(double spent_s, std::uint64_t looks, double elapsed_s, Duration wished) {
  if (looks == 0) return wished;
  const double each_s = spent_s / static_cast<double>(looks);
  const double over_s = std::max(0.0, spent_s - kAimedCost * elapsed_s);
  const double needed_s = (each_s + over_s / kLooksOfAPace) / kAimedCost;
  const Duration longest = std::max(kLongestInterval, wished);
  if (needed_s >= to_s(longest)) return longest;
  return std::max(from_s(needed_s), wished);
}

}  // namespace poolgauge
