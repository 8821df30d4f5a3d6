// Counting what a load can keep under way.
#include "engine/trial_watch.h"

#include <algorithm>
#include <cmath>

#include "engine/window_start.h"

namespace poolgauge {

namespace {

/// The longest that a request can be under way, as far as the load goes.
Duration longest_request(const Scenario& scenario) {
  const Duration warmup = scenario.warmup_auto ? longest_warmup(scenario) : scenario.warmup;
  const Duration whole = warmup + scenario.duration;
  return scenario.deadline ? std::min(*scenario.deadline, whole) : whole;
}

double most_within(Duration time, const ReplayLoad& load) {
  const std::vector<ReplayLoad::Arrival>& arrivals = *load.arrivals;
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    while (arrivals[i].at - arrivals[first].at >= time) ++first;
    most = std::max(most, i - first + 1);
  }
  return static_cast<double>(most);
}

double most_within(Duration time, const Load& load) {
  if (const auto* open = std::get_if<OpenLoad>(&load)) return open->rate_per_s * to_s(time);
  if (const auto* staged = std::get_if<RateStages>(&load)) {
    return highest_level(staged->stages) * to_s(time);
  }
  if (const auto* burst = std::get_if<BurstLoad>(&load)) {
    const bool once = burst->every <= Duration{0};
    return burst->size * (once ? 1 : std::ceil(to_s(time) / to_s(burst->every)));
  }
  if (const auto* replay = std::get_if<ReplayLoad>(&load)) return most_within(time, *replay);
  return 0;
}

}  // namespace

std::int64_t most_in_flight(const Scenario& scenario) {
  if (const auto users = scenario.max_clients()) return std::max<std::int64_t>(*users, 1);
  const double bound = static_cast<double>(kMostInFlight) * scenario.deployment.fleet();
  // 200/s × 0.1 s are 20, whatever the rounding says.
  const double most = most_within(longest_request(scenario), scenario.load) * (1 - 1e-12);
  return static_cast<std::int64_t>(std::clamp(std::ceil(most), 1.0, bound));
}

std::optional<std::int64_t> most_connections(const Scenario& scenario, std::uint32_t pool) {
  const std::int64_t fleet = scenario.deployment.fleet();
  const std::int64_t share = (most_in_flight(scenario) + fleet - 1) / fleet;
  return pool_capacity(scenario.deployment.pool_at(pool), share);
}

}  // namespace poolgauge
