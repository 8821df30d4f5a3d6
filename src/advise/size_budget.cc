// The places where connections are counted, and a setting that somebody wants to use.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "base/text.h"

namespace poolgauge {

namespace {

std::string number(std::int64_t value) {
  return value < 0 ? "-" + number(-value) : with_thousands(static_cast<std::uint64_t>(value));
}

ConnectionBudget budget_of(const ServerSlots& slots, std::int64_t needed) {
  return {slots.max_connections, slots.reserved, slots.others,
          slots.max_connections - slots.reserved - slots.others, needed};
}

PoolerSizes pooler_sizes(const SizeCase& c, const Recommendation& r) {
  const std::int64_t pools = c.in.pgbouncer_processes * c.in.pgbouncer_pairs;
  const std::int64_t usable = fleet_budget(c.slots, {}).usable;
  const std::int64_t share = std::max<std::int64_t>(1, usable / pools);
  const std::int64_t wanted = (wanted_behind_pooler(c) + pools - 1) / pools;
  PoolerSizes sizes;
  sizes.default_pool_size = c.in.default_pool_size.value_or(
      std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, share - share / 5)));
  sizes.reserve_pool_size = std::min(sizes.default_pool_size / 4,
                                     std::max<std::int64_t>(0, share - sizes.default_pool_size));
  constexpr double kSpare = 1.1;
  sizes.max_client_conn = c.in.max_client_conn.value_or(
      rules::next_multiple(static_cast<double>(r.capacity) * kSpare, 10));
  sizes.max_db_connections = std::max<std::int64_t>(1, usable / c.in.pgbouncer_processes);
  sizes.query_wait_timeout_s = std::max(1.0, std::floor(r.pool_timeout_s));
  return sizes;
}

std::vector<Hop> pooler_hops(const SizeCase& c, Recommendation& r, const PoolShape& pool) {
  const PoolerSizes sizes = *r.pooler;
  const PgbouncerFigures figures =
      pgbouncer_figures({1, c.in.pgbouncer_pairs, sizes.default_pool_size, sizes.reserve_pool_size,
                         sizes.max_client_conn, c.in.pgbouncer_processes});
  const std::string arithmetic = fmt::format(
      "{} × {} × ({} + {} reserve) = {}", counted(c.in.pgbouncer_processes, "PgBouncer"),
      counted(c.in.pgbouncer_pairs, "(database, user) pair"), sizes.default_pool_size,
      sizes.reserve_pool_size, number(figures.server_connections));
  Hop clients{"PgBouncer's clients", fleet_words(c, pool), {}};
  clients.budget = {sizes.max_client_conn, 0, 0, sizes.max_client_conn, r.capacity};
  r.budget = budget_of(c.slots, figures.server_connections);
  if (!r.budget.fits()) {
    r.warnings.push_back(fmt::format("PgBouncer may open {}, but the server has {}: {}",
                                     counted(figures.server_connections, "connection"),
                                     number(r.budget.available), arithmetic));
  }
  if (!clients.budget.fits()) {
    r.warnings.push_back(fmt::format("{} clients, but max_client_conn is {}", number(r.capacity),
                                     number(sizes.max_client_conn)));
  }
  return {clients, {"server, behind PgBouncer", arithmetic, r.budget}};
}

void add_replica(const SizeCase& c, Recommendation& r, std::vector<Hop>& hops) {
  if (!c.in.replica_pool_size) return;
  const PoolShape pool{*c.in.replica_pool_size, c.in.replica_max_overflow.value_or(0)};
  ServerSlots slots = c.slots;
  slots.max_connections = c.in.replica_max_connections.value_or(c.slots.max_connections);
  const Hop hop{"replica", fleet_words(c, pool), budget_of(slots, fleet_total(c, pool))};
  hops.push_back(hop);
  if (!hop.budget.fits()) {
    r.warnings.push_back(fmt::format("replica: {} connections, but it has {} for them",
                                     number(hop.budget.needed), number(hop.budget.available)));
  }
  const std::int64_t both = hop.budget.needed + r.budget.needed;
  if (!c.in.pgbouncer && both > r.budget.available) {
    r.warnings.push_back(fmt::format(
        "when the replica fails and its pools turn to the primary, {} connections meet {}",
        number(both), number(r.budget.available)));
  }
}

/// "10 processes × 60 = 600 connections, but max_connections is 100".
std::string too_many(const SizeCase& c, const PoolShape& pool) {
  std::string fleet = c.in.instances > 1 ? counted(c.in.instances, "instance") + " × " : "";
  fleet += counted(c.in.processes, "process", "es") + " × ";
  if (c.in.pools > 1) fleet += counted(c.in.pools, "pool") + " × ";
  const std::int64_t limit =
      c.in.pgbouncer && c.in.max_client_conn ? *c.in.max_client_conn : c.slots.max_connections;
  return fmt::format("{}{} = {} connections, but {} is {}", fleet, pool.total(),
                     number(c.pools() * pool.total()),
                     c.in.pgbouncer ? "max_client_conn" : "max_connections", number(limit));
}

/// The largest pool that fits, the same for all.
std::int64_t largest_that_fits(const SizeCase& c, std::int64_t available) {
  return std::max<std::int64_t>(0, available) / c.peak_pools();
}

void warn_of_setting(const SizeCase& c, const JudgedSetting& judged, Recommendation& r) {
  const PoolShape pool{judged.pool_size, judged.max_overflow};
  std::vector<std::string> warnings;
  if (!judged.fits()) {
    const std::int64_t steady = c.pools() * pool.total();
    const bool always = steady > judged.available;
    warnings.push_back(always ? too_many(c, pool)
                              : fmt::format("while deploying: {}, but only {} are free",
                                            judged.arithmetic, number(judged.available)));
    if (judged.largest_pool < 1) {
      warnings.push_back("not even one connection per pool fits");
    } else {
      warnings.push_back(fmt::format(
          "the largest pool that fits has {} connections (pool_size {}, max_overflow {})",
          judged.largest_pool, judged.largest_pool - judged.largest_pool / 3,
          judged.largest_pool / 3));
    }
  }
  const std::int64_t least =
      c.in.threads ? rules::deadlock_free(*c.in.threads, c.in.connections_per_request) : 0;
  if (pool.total() < least) {
    warnings.push_back(fmt::format("{} connections can deadlock: {} requests × {} at once need {}",
                                   pool.total(), *c.in.threads, c.in.connections_per_request,
                                   least));
  }
  r.warnings.insert(r.warnings.begin(), warnings.begin(), warnings.end());
}

}  // namespace

std::vector<Hop> hops_of(const SizeCase& c, Recommendation& r) {
  const PoolShape pool{r.pool_size, r.max_overflow};
  SizeCase sized = c;
  sized.slots.max_connections = r.max_connections;
  std::vector<Hop> hops;
  if (c.in.pgbouncer) {
    r.pooler = pooler_sizes(sized, r);
    hops = pooler_hops(sized, r, pool);
    r.why.push_back(fmt::format(
        "behind PgBouncer all share {}: {}", counted(wanted_behind_pooler(c), "connection"),
        c.knows_demand()
            ? "Erlang C for the whole load"
            : fmt::format("{} cores × 2 + {}{}", c.cores, counted(c.spindles, "spindle"),
                          c.in.cores ? "" : " (the cores are assumed)")));
  } else {
    r.budget = budget_of(sized.slots, r.capacity);
    hops.push_back({"primary", fleet_words(c, pool), r.budget});
  }
  add_replica(sized, r, hops);
  return hops;
}

std::optional<JudgedSetting> judge_setting(const SizeCase& c, Recommendation& r) {
  if (!c.in.pool_size && !c.in.max_overflow) return std::nullopt;
  constexpr std::int64_t kLibrarySize = 5;  // SQLAlchemy's defaults for what was not said
  constexpr std::int64_t kLibraryOverflow = 10;
  JudgedSetting judged;
  judged.pool_size = c.in.pool_size.value_or(kLibrarySize);
  judged.max_overflow = c.in.max_overflow.value_or(c.in.pool_size ? 0 : kLibraryOverflow);
  const PoolShape pool{judged.pool_size, judged.max_overflow};
  judged.needed = fleet_total(c, pool);
  judged.arithmetic = fleet_words(c, pool);
  const bool pooled = c.in.pgbouncer;
  judged.available = pooled ? c.in.max_client_conn.value_or(INT64_MAX)
                            : c.slots.max_connections - c.slots.reserved - c.slots.others;
  const std::int64_t usable = pooled ? judged.available : fleet_budget(c.slots, {}).usable;
  judged.largest_pool = largest_that_fits(c, usable);
  judged.forecast = forecast_of(c, pool.total(), c.in.pool_timeout_s.value_or(r.pool_timeout_s));
  warn_of_setting(c, judged, r);
  return judged;
}

}  // namespace poolgauge
