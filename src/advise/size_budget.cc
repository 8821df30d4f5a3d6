// The places where connections are counted, and a setting that somebody wants to use.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/size_case.h"
#include "base/text.h"

namespace poolgauge {

namespace {

ConnectionBudget budget_of(const ServerSlots& slots, std::int64_t needed) {
  return {slots.max_connections, slots.reserved, slots.others,
          slots.max_connections - slots.reserved - slots.others, needed};
}

std::optional<Hop> replica_hop(const SizeCase& c) {
  if (!c.in.replica_pool_size) return std::nullopt;
  const PoolShape pool{*c.in.replica_pool_size, c.in.replica_max_overflow.value_or(0)};
  ServerSlots slots = c.slots;
  slots.max_connections = c.in.replica_max_connections.value_or(c.slots.max_connections);
  return Hop{"replica", fleet_words(c, pool), budget_of(slots, fleet_total(c, pool))};
}

}  // namespace

std::vector<Hop> hops_of(const SizeCase& c, Recommendation& r) {
  const PoolShape pool{r.pool_size, r.max_overflow};
  SizeCase sized = c;
  sized.slots.max_connections = r.max_connections;
  std::vector<Hop> hops;
  if (c.in.pgbouncer) {
    hops = pooler_hops(sized, r);
  } else {
    r.budget = budget_of(sized.slots, r.capacity);
    hops.push_back({"primary", fleet_words(c, pool), r.budget});
  }
  if (const auto replica = replica_hop(c)) hops.push_back(*replica);
  return hops;
}

bool asks_for_judgement(const SizeInputs& in) {
  return in.pool_size || in.max_overflow || in.default_pool_size || in.reserve_pool_size ||
         in.max_client_conn || in.replica_pool_size;
}

std::optional<JudgedSetting> judge_setting(const SizeCase& c, const Recommendation& r) {
  if (!c.in.pool_size && !c.in.max_overflow) return std::nullopt;
  constexpr std::int64_t kLibrarySize = 5;  // SQLAlchemy's defaults for what was not said
  constexpr std::int64_t kLibraryOverflow = 10;
  JudgedSetting judged;
  judged.pool_size = c.in.pool_size.value_or(kLibrarySize);
  judged.max_overflow = c.in.max_overflow.value_or(c.in.pool_size ? 0 : kLibraryOverflow);
  const PoolShape pool{judged.pool_size, judged.max_overflow};
  judged.needed = fleet_total(c, pool);
  judged.arithmetic = fleet_words(c, pool);
  judged.available = c.available();
  if (c.in.pgbouncer) {
    judged.available =
        c.in.max_client_conn ? *c.in.max_client_conn * c.in.pgbouncer_processes : INT64_MAX;
  }
  judged.largest_pool = c.largest(true);
  judged.largest_without_headroom = c.largest(false);
  judged.forecast = forecast_of(c, pool.total(), c.in.pool_timeout_s.value_or(r.pool_timeout_s));
  return judged;
}

std::vector<std::string> failover_warnings(const SizeCase& c, const Sizing& sizing) {
  if (!c.in.replica_pool_size || c.in.pgbouncer) return {};
  const auto sentence = [&c](const std::string& whose, std::int64_t primary,
                             const ServerSlots& slots) -> std::optional<std::string> {
    const std::int64_t both = primary + c.replica_total();
    const std::int64_t usable = slots.max_connections - slots.reserved - slots.others;
    if (both <= usable || primary > usable) return std::nullopt;
    return fmt::format(
        "{} does not survive a failover: if the replica fails and its pools switch to the primary, "
        "they open {} + {} = {} connections, but {} are available (max_connections {} would be "
        "enough)",
        whose, whole_words(primary), whole_words(c.replica_total()), whole_words(both),
        whole_words(usable), whole_words(max_connections_for(static_cast<double>(both), slots)));
  };
  std::vector<std::string> warnings;
  if (sizing.judged) {
    const PoolShape pool{sizing.judged->pool_size, sizing.judged->max_overflow};
    const std::string shape = c.counts_overflow()
                                  ? fmt::format("{} + {}", pool.pool_size, pool.max_overflow)
                                  : fmt::format("{} {}", total_name(c.in.names), pool.total());
    const auto judged = sentence(shape, sizing.judged->needed, c.slots);
    if (judged) warnings.push_back(*judged);
  }
  ServerSlots slots = c.slots;
  slots.max_connections = sizing.recommendation.max_connections;
  const auto own = sentence("the recommendation", sizing.recommendation.capacity, slots);
  if (own) warnings.push_back(*own);
  return warnings;
}

}  // namespace poolgauge
