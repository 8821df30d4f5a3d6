// The sizes of a pooler that stands between: the smallest that does in the model, and never less
// than it has.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "app/advice.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::app {

namespace {

/// Halving between what does not do and what does; nothing where not even `most` does.
std::optional<std::int64_t> smallest_pooler(const Scenario& scenario, const SimulatedSizes& sizes,
                                            std::int64_t total, std::int64_t most) {
  const auto does = [&](std::int64_t size) {
    Scenario changed = scenario;
    changed.deployment.pooler->spec.set("pool_size", size);
    return SimulatedSizes(changed, sizes.profile(), sizes.plan()).glance(total).met();
  };
  if (!does(most)) return std::nullopt;
  std::int64_t fails = 0;
  std::int64_t found = most;
  while (found - fails > 1) {
    const std::int64_t middle = fails + (found - fails) / 2;
    (does(middle) ? found : fails) = middle;
  }
  return found;
}

std::int64_t present_of(const AdviceFrame& frame, std::string_view setting, std::int64_t unset) {
  for (const auto* limits : {&frame.limits, &frame.behind}) {
    for (const ConnectionLimit& limit : *limits) {
      if (limit.setting == setting && limit.present) return *limit.present;
    }
  }
  return unset;
}

}  // namespace

std::optional<PoolerAdvice> pooler_sizes(const Scenario& scenario, const SimulatedSizes& sizes,
                                         const Recommendation& r, const AdviceFrame& frame) {
  if (!scenario.deployment.pooler) return std::nullopt;
  const PoolSpec& spec = scenario.deployment.pooler->spec;
  const ServerSlots& slots = frame.server;
  auto usable = static_cast<std::int64_t>(
      std::floor(static_cast<double>(slots.max_connections - slots.reserved - slots.others) *
                 (1 - slots.headroom)));
  std::vector<ConnectionLimit> server;
  for (const ConnectionLimit& limit : frame.behind) {
    if (limit.of != "pooler") server.push_back(limit);
  }
  usable = std::min(usable, usable_connections(server, slots.headroom));
  const std::int64_t now = present_of(frame, "default_pool_size", pool_permanent_size(spec));
  const std::int64_t most = std::max<std::int64_t>(1, std::min(usable, 2 * now));
  const auto found = smallest_pooler(scenario, sizes, r.total(), most);
  PoolerAdvice advice;
  advice.needed = found.value_or(now);
  PoolerSizes& set = advice.recommended;
  set.default_pool_size = std::max(now, advice.needed);
  const std::int64_t reserve = spec.integer("reserve_pool_size");
  set.reserve_pool_size = std::max<std::int64_t>(0, reserve);
  const std::int64_t places = present_of(frame, "max_client_conn", spec.integer("max_client_conn"));
  set.max_client_conn = std::max(places, r.capacity);
  advice.servers = set.default_pool_size + set.reserve_pool_size;
  const std::int64_t databases = present_of(frame, "max_db_connections", 0);
  set.max_db_connections = databases > 0 ? std::max(databases, advice.servers) : 0;
  constexpr double kPgbouncerDefault_s = 120;
  set.query_wait_timeout_s = kPgbouncerDefault_s;
  advice.why = found ? fmt::format(
                           "PgBouncer's default_pool_size: {} is the smallest that meets the goals "
                           "in the simulator{}",
                           advice.needed,
                           advice.needed <= now ? fmt::format("; keep the present {}", now) : "")
                     : fmt::format(
                           "PgBouncer's default_pool_size: no size up to {} meets the goals in the "
                           "simulator; keep the present {}",
                           most, now);
  return advice;
}

}  // namespace poolgauge::app
