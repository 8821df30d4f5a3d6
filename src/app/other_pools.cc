// One pool after the other, the searched one held at its answer.
#include "app/first_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/world.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::app {

namespace {

/// Slots for the fleet where the pool connects; nothing: a pooler's, of whom no limit is known.
std::optional<std::int64_t> available(const DeployedPool& pool, const AdviceFrame& frame,
                                      const std::optional<ReplicaFacts>& replica) {
  if (pool.target != PoolTarget::replica) {
    if (!frame.slots) return std::nullopt;
    return frame.slots->max_connections - frame.slots->reserved - frame.slots->others;
  }
  if (replica && replica->max_connections > 0) {
    return replica->max_connections - replica->reserved_connections;
  }
  return frame.server.max_connections - frame.server.reserved;
}

}  // namespace

std::vector<OtherPool> other_pools(const Scenario& scenario, const SimulatedSizes& sizes,
                                   std::int64_t total, const AdviceFrame& frame,
                                   const std::optional<ReplicaFacts>& replica) {
  std::vector<OtherPool> all;
  const Scenario answered = with_pool(scenario, total, total);
  const std::int64_t fleet = scenario.deployment.fleet();
  for (std::uint32_t i = 1; i < scenario.deployment.pool_count(); ++i) {
    const DeployedPool& pool = scenario.deployment.pool_at(i);
    if (!sizing_options(pool.kind)) continue;
    OtherPool one;
    one.name = pool.name;
    one.target = pool.target == PoolTarget::replica ? "replica" : "primary";
    one.now = pool_limit(pool, scenario.max_clients());
    one.available = available(pool, frame, replica);
    constexpr std::int64_t kMost = 1000;  // where no limit is known
    const auto usable = static_cast<double>(one.available.value_or(kMost * fleet));
    one.most =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(usable * (1 - frame.headroom)) / fleet);
    one.pool_size = SimulatedSizes(answered, sizes.profile(), sizes.plan(), i).smallest(one.most);
    if (one.pool_size) one.needed = *one.pool_size * fleet;
    all.push_back(std::move(one));
  }
  return all;
}

std::string other_pool_words(const OtherPool& pool) {
  if (!pool.pool_size) {
    return fmt::format("pool {}: no size up to {} per process meets the goals in the simulator",
                       pool.name, pool.most);
  }
  const std::string now = pool.now ? fmt::format(" (now {})", *pool.now) : "";
  return fmt::format(
      "pool {}: {} per process{} is the smallest size that meets the goals in the simulator; not "
      "confirmed by a run; {}",
      pool.name, *pool.pool_size, now,
      pool.available ? fmt::format("{} of the {}'s {} available slots", pool.needed, pool.target,
                                   *pool.available)
                     : fmt::format("{} in total", pool.needed));
}

}  // namespace poolgauge::app
