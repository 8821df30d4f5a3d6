// A PgBouncer between: its clients, its server connections, and what of that does not fit.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "base/text.h"

namespace poolgauge {

namespace {

constexpr std::int64_t kPoolersDefault = 20;  // PgBouncer's own default_pool_size

std::string pooler_words(const SizeCase& c, std::int64_t pool_size, std::int64_t reserve) {
  const std::string size =
      reserve > 0 ? fmt::format("({} + {} reserve)", pool_size, reserve) : whole_words(pool_size);
  return fmt::format("{} × {} × {} = {}", counted(c.in.pgbouncer_processes, "PgBouncer"),
                     counted(c.in.pgbouncer_pairs, "(database, user) pair"), size,
                     whole_words(c.poolers() * (pool_size + reserve)));
}

/// "10 PgBouncers × 20 = 200"; one of them needs no arithmetic.
std::string client_words(const SizeCase& c, std::int64_t each) {
  if (c.in.pgbouncer_processes == 1) return whole_words(each);
  return fmt::format("{} × {} = {}", counted(c.in.pgbouncer_processes, "PgBouncer"),
                     whole_words(each), whole_words(each * c.in.pgbouncer_processes));
}

std::int64_t ceiling_of(std::int64_t whole, std::int64_t parts) {
  return (whole + parts - 1) / parts;
}

/// A pool of the pooler that is safe when each request holds several server connections: all
/// requests that can run at once on this pool, less those that the application's own pools hold
/// back.
std::int64_t least_safe_pooler(const SizeCase& c, std::int64_t clients) {
  const std::int64_t k = c.in.connections_per_request;
  const std::int64_t all = ceiling_of(clients, c.poolers());
  if (k < 2) return 1;
  if (!c.in.threads) return std::min(all, k);
  const std::int64_t requests = ceiling_of(*c.in.threads * c.peak_pools(), c.poolers());
  return std::min(all, rules::deadlock_free(requests, k));
}

/// What was given for the pooler's own pools, completed by PgBouncer's defaults.
struct GivenPools {
  std::int64_t size = kPoolersDefault;
  std::int64_t reserve = 0;
  std::int64_t each() const { return size + reserve; }
};
std::optional<GivenPools> given_pools(const SizeCase& c) {
  if (!c.in.default_pool_size && !c.in.reserve_pool_size) return std::nullopt;
  return GivenPools{c.in.default_pool_size.value_or(kPoolersDefault),
                    c.in.reserve_pool_size.value_or(0)};
}

PoolShape asked_pool(const Sizing& sizing) {
  if (sizing.judged) return {sizing.judged->pool_size, sizing.judged->max_overflow};
  return {sizing.recommendation.pool_size, sizing.recommendation.max_overflow};
}

/// The pools that are asked about; those of the recommendation where none are.
GivenPools pools_in_question(const SizeCase& c, const Sizing& sizing) {
  if (const auto given = given_pools(c)) return *given;
  const PoolerSizes& own = *sizing.recommendation.pooler;
  return {own.default_pool_size, own.reserve_pool_size};
}

std::optional<SizeProblem> too_many_clients(const SizeCase& c, const PoolShape& pool) {
  if (!c.in.max_client_conn) return std::nullopt;
  const std::int64_t clients = *c.in.max_client_conn * c.in.pgbouncer_processes;
  if (fleet_total(c, pool) <= clients) return std::nullopt;
  return SizeProblem{"pooler_clients",
                     fmt::format("{} PgBouncer clients, but max_client_conn allows {}",
                                 fleet_words(c, pool), client_words(c, *c.in.max_client_conn))};
}

std::optional<SizeProblem> session_problem(const SizeCase& c, const PoolShape& pool,
                                           const GivenPools& pools) {
  const std::int64_t clients = fleet_total(c, pool);
  const std::int64_t servers = c.poolers() * pools.each();
  if (!c.session() || clients <= servers) return std::nullopt;
  return SizeProblem{
      "pooler_server",
      fmt::format(
          "in session mode, each client keeps a server connection: {}, but PgBouncer opens {}",
          fleet_words(c, pool), pooler_words(c, pools.size, pools.reserve))};
}

std::optional<SizeProblem> too_many_servers(const SizeCase& c, const GivenPools& pools) {
  const std::int64_t servers = c.poolers() * pools.each();
  if (servers <= c.available()) return std::nullopt;
  return SizeProblem{
      "pooler_server",
      fmt::format("{} server connections, but only {} of max_connections {} are available: {}",
                  pooler_words(c, pools.size, pools.reserve), whole_words(c.available()),
                  whole_words(c.slots.max_connections), usable_words(c.slots))};
}

std::optional<SizeProblem> deadlock(const SizeCase& c, const PoolShape& pool,
                                    const GivenPools& pools) {
  if (c.session()) return std::nullopt;
  const std::int64_t least = least_safe_pooler(c, fleet_total(c, pool));
  if (pools.each() >= least) return std::nullopt;
  return SizeProblem{
      "deadlock",
      fmt::format(
          "{} server connections in each PgBouncer pool, but requests that hold {} at once need {}",
          pools.each(), c.in.connections_per_request, whole_words(least))};
}

}  // namespace

PoolerSizes pooler_sizes(const SizeCase& c, const Recommendation& r) {
  const std::int64_t kept_free = c.room(true) / c.poolers();
  const std::int64_t share =
      std::max<std::int64_t>(1, kept_free > 0 ? kept_free : c.room(false) / c.poolers());
  // No pool of the pooler ever has more clients than the whole fleet opens.
  const std::int64_t wanted = c.session()
                                  ? ceiling_of(r.capacity, c.poolers())
                                  : std::max(std::min(wanted_per_pooler(c).connections, r.capacity),
                                             least_safe_pooler(c, r.capacity));
  PoolerSizes sizes;
  sizes.pool_mode = c.in.pool_mode;
  sizes.default_pool_size = std::clamp<std::int64_t>(wanted, 1, share);
  if (c.knows_something() && !c.session()) {
    sizes.reserve_pool_size =
        std::min(sizes.default_pool_size / 4, share - sizes.default_pool_size);
  }
  constexpr double kSpare = 1.1;
  const auto clients =
      static_cast<double>(r.capacity) * kSpare / static_cast<double>(c.in.pgbouncer_processes);
  sizes.max_client_conn =
      c.in.max_client_conn && r.capacity <= *c.in.max_client_conn * c.in.pgbouncer_processes
          ? *c.in.max_client_conn
          : rules::next_multiple(clients, 10);
  sizes.max_db_connections =
      std::max<std::int64_t>(1, std::max(c.room(true), c.poolers()) / c.in.pgbouncer_processes);
  sizes.query_wait_timeout_s = std::max(1.0, std::floor(r.pool_timeout_s));
  return sizes;
}

std::vector<Hop> pooler_hops(const SizeCase& c, Recommendation& r) {
  r.pooler = pooler_sizes(c, r);
  const PoolerSizes& sizes = *r.pooler;
  const PgbouncerFigures figures =
      pgbouncer_figures({1, c.in.pgbouncer_pairs, sizes.default_pool_size, sizes.reserve_pool_size,
                         sizes.max_client_conn, c.in.pgbouncer_processes});
  Hop clients{"PgBouncer's clients", fleet_words(c, {r.pool_size, r.max_overflow}), {}};
  const std::int64_t admitted = sizes.max_client_conn * c.in.pgbouncer_processes;
  clients.budget = {admitted, 0, 0, admitted, r.capacity};
  r.budget = {c.slots.max_connections, c.slots.reserved, c.slots.others, c.available(),
              figures.server_connections};
  const std::string arithmetic = pooler_words(c, sizes.default_pool_size, sizes.reserve_pool_size);
  r.why.push_back(c.session() ? "in session mode, a client keeps its server connection until it "
                                "disconnects: nothing is shared"
                              : "behind PgBouncer: " + wanted_per_pooler(c).why);
  return {clients, {"server, behind PgBouncer", arithmetic, r.budget}};
}

std::int64_t pooler_server_connections(const SizeCase& c, const Sizing& sizing) {
  return c.poolers() * pools_in_question(c, sizing).each();
}

std::vector<SizeProblem> pooler_problems(const SizeCase& c, const Sizing& sizing) {
  std::vector<SizeProblem> problems;
  const PoolShape pool = asked_pool(sizing);
  const GivenPools pools = pools_in_question(c, sizing);
  for (const auto& one : {too_many_clients(c, pool), too_many_servers(c, pools),
                          session_problem(c, pool, pools), deadlock(c, pool, pools)}) {
    if (one) problems.push_back(*one);
  }
  return problems;
}

std::vector<Alternative> pooler_ways_out(const SizeCase& c, const Sizing& sizing) {
  std::vector<Alternative> ways;
  const PoolShape pool = asked_pool(sizing);
  for (const SizeProblem& problem : sizing.problems) {
    Alternative way;
    if (problem.id == "pooler_clients") {
      constexpr double kSpare = 1.1;
      const auto clients = static_cast<double>(fleet_total(c, pool)) * kSpare;
      way.change = fmt::format(
          "max_client_conn {}",
          rules::next_multiple(clients / static_cast<double>(c.in.pgbouncer_processes), 10));
      way.effect = "allows all connections of the pools plus 10 %; costs the server nothing";
      ways.push_back(way);
    } else if (problem.id == "pooler_server") {
      const std::int64_t fit = c.room(false) / c.poolers();
      if (fit >= 1 && !c.session()) {
        way.change = fmt::format("default_pool_size + reserve_pool_size of at most {}", fit);
        way.effect = fmt::format("at most {} if {} of the server's slots are to stay free",
                                 c.room(true) / c.poolers(), percent(c.slots.headroom));
        ways.push_back(way);
      } else if (c.session()) {
        ways.push_back({"pool_mode = transaction",
                        {},
                        {},
                        {},
                        "clients share server connections; prepared statements need PgBouncer "
                        "1.21, SET and advisory locks do not survive a transaction"});
      } else {
        ways.push_back(
            {"fewer PgBouncer processes or (database, user) pairs",
             {},
             {},
             {},
             fmt::format("{} fit, one server connection each", counted(c.room(false), "pool"))});
      }
    }
  }
  return ways;
}

}  // namespace poolgauge
