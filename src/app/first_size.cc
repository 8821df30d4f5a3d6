// Little's law, with what is known of the times.
#include "app/first_size.h"

#include <algorithm>
#include <cmath>
#include <variant>

namespace poolgauge::app {

namespace {

/// Time in the pool's hands and outside of it, of a mean request.
struct Demand {
  double hold_s = 0, pause_s = 0;
};

/// From the scenario alone.
Demand demand_of(const Scenario& scenario) {
  constexpr double kStatement_s = 0.001;
  Demand demand;
  double weights = 0;
  for (const RequestSpec& request : scenario.requests) {
    weights += request.weight;
    for (const Step& step : request.steps) {
      const double time = step.kind == StepKind::sql ? kStatement_s : to_s(mean_of(step.time));
      (step.kind == StepKind::pause ? demand.pause_s : demand.hold_s) += request.weight * time;
    }
  }
  demand.hold_s /= weights;
  demand.pause_s /= weights;
  return demand;
}

/// Requests per second of the whole load when nobody waits.
double rate_without_wait(const Scenario& scenario, const Demand& demand) {
  if (const auto* open = std::get_if<OpenLoad>(&scenario.load)) return open->rate_per_s;
  if (const auto* closed = std::get_if<ClosedLoad>(&scenario.load)) {
    const double cycle = demand.hold_s + demand.pause_s + to_s(mean_of(closed->think));
    return closed->users / std::max(cycle, 1e-4);
  }
  if (const auto* burst = std::get_if<BurstLoad>(&scenario.load)) {
    const Duration every = burst->every > Duration{0} ? burst->every : scenario.duration;
    return burst->size / std::max(to_s(every), 0.01);
  }
  if (const auto* staged = std::get_if<RateStages>(&scenario.load)) {
    return highest_level(staged->stages);
  }
  if (const auto* staged = std::get_if<UserStages>(&scenario.load)) {
    const double cycle = demand.hold_s + demand.pause_s + to_s(mean_of(staged->think));
    return highest_level(staged->stages) / std::max(cycle, 1e-4);
  }
  if (const auto* replay = std::get_if<ReplayLoad>(&scenario.load)) {
    const double last_s = to_s(replay->arrivals->back().at);
    return static_cast<double>(replay->arrivals->size()) / std::max(last_s, 1.0);
  }
  return 1;
}

/// A size that is probably ample, from Little's law.
std::int64_t ample_total(const Scenario& scenario, const Demand& demand, std::int64_t most) {
  const double fleet = scenario.deployment.fleet();
  const double busy = rate_without_wait(scenario, demand) * demand.hold_s / fleet;
  const double ample = std::ceil(busy + 2 * std::sqrt(busy) + 1);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(ample, 1e6)), 1, most);
}

}  // namespace

double rate_without_wait(const Scenario& scenario) {
  return rate_without_wait(scenario, demand_of(scenario));
}

std::int64_t ample_total(const Scenario& scenario, std::int64_t most) {
  return ample_total(scenario, demand_of(scenario), most);
}

std::int64_t roomier_total(const Scenario& scenario, const Report& seen, std::int64_t total,
                           std::int64_t most) {
  constexpr double kFull = 0.95;
  constexpr std::int64_t kMostTimes = 4;
  if (total >= most || seen.pools.empty() || !seen.connection_time.mean) return 0;
  const double in_use = seen.pools.front().measured.checked_out_mean;
  const double all = static_cast<double>(total) * scenario.deployment.fleet();
  if (in_use < kFull * all) return 0;
  Demand demand = demand_of(scenario);
  demand.hold_s = *seen.connection_time.mean / 1e3;
  const std::int64_t ample = ample_total(scenario, demand, most);
  return std::min(most, std::clamp(ample, 2 * total, kMostTimes * total));
}

std::int64_t useful_total(const Scenario& scenario, std::int64_t most) {
  const auto clients = scenario.max_clients();
  if (!clients) return most;
  const std::int64_t fleet = scenario.deployment.fleet();
  return std::min(most, std::max<std::int64_t>(1, (*clients + fleet - 1) / fleet));
}

}  // namespace poolgauge::app
