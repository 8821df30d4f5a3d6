// The test for a queue that only grows.
#include "stats/over_time.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "math/samples.h"

namespace poolgauge {

namespace {

constexpr double kFewestRequests = 10;
constexpr double kHalf = 0.25;  // of the growth, that each half of the time has at least
constexpr double kChance = 0.001;
constexpr std::size_t kFewestForT = 4;
constexpr double kDeviations = 3.3;  // one in a thousand, and the queue cannot go below zero

bool beyond_chance(std::span<const double> waiting, double growth, double arrived) {
  std::vector<double> changes;
  for (std::size_t i = 1; i < waiting.size(); ++i) changes.push_back(waiting[i] - waiting[i - 1]);
  const auto n = static_cast<double>(changes.size());
  const double deviation = math::standard_deviation(changes);
  // Arrivals and services at random have a variance of one each; the seconds may show a larger one.
  const double variance = std::max(n * deviation * deviation, 2 * arrived);
  if (growth > kDeviations * std::sqrt(variance)) return true;
  if (waiting.size() < kFewestForT) return false;
  if (deviation <= 0) return true;
  const double t = growth / n / (deviation / std::sqrt(n));
  return math::student_upper_tail(n - 1, t) < kChance;
}

std::optional<QueueGrowth> growth_of(std::span<const double> waiting,
                                     std::span<const double> ended) {
  if (waiting.size() < 2) return std::nullopt;
  const auto seconds = static_cast<double>(waiting.size() - 1);
  QueueGrowth found;
  found.from = waiting.front();
  found.to = waiting.back();
  const double growth = found.to - found.from;
  if (growth < kFewestRequests) return std::nullopt;
  double served = 0;
  for (const double each : ended.subspan(1)) served += each;
  found.per_s = growth / seconds;
  found.share = growth / (growth + served);
  if (found.share <= kTolerated) return std::nullopt;
  const std::size_t middle = (waiting.size() - 1) / 2;
  const double first = waiting[middle] - found.from;
  const bool steady =
      waiting.size() < 3 || (first >= kHalf * growth && growth - first >= kHalf * growth);
  if (!steady || !beyond_chance(waiting, growth, growth + served)) return std::nullopt;
  return found;
}

}  // namespace

std::optional<QueueGrowth> queue_growth(const std::vector<double>& waiting,
                                        const std::vector<double>& ended) {
  const std::size_t count = std::min(waiting.size(), ended.size());
  const std::span<const double> all(waiting.data(), count);
  const std::span<const double> of(ended.data(), count);
  if (const auto whole = growth_of(all, of)) return whole;
  constexpr std::size_t kFewestForHalf = 2 * kFewestForT;
  if (count < kFewestForHalf) return std::nullopt;
  return growth_of(all.subspan(count / 2), of.subspan(count / 2));
}

}  // namespace poolgauge
