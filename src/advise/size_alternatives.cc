// What would help more, or cost less, than the recommended pool.
#include <algorithm>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "base/text.h"
#include "math/erlang.h"

namespace poolgauge {

namespace {

std::int64_t servers(double erlangs, double goal) {
  return static_cast<std::int64_t>(math::servers_for(erlangs, goal).value_or(100'000));
}

bool something_known(const SizeCase& c) {
  return c.knows_demand() || c.in.cores;
}

/// The connection given back while no statement runs.
std::optional<Alternative> release_early(const SizeCase& c, const Recommendation& r) {
  constexpr double kWorthIt = 1.5;
  if (!c.knows_demand() || !c.in.sql_s || *c.in.hold_s < kWorthIt * *c.in.sql_s) {
    return std::nullopt;
  }
  Alternative a;
  a.change = "give the connection back while the application does other work";
  a.pool_size = servers(c.pool_erlangs(*c.in.sql_s), c.profile.wait_goal);
  a.max_overflow = 0;
  a.needed = *a.pool_size * c.peak_pools();
  if (*a.pool_size >= r.total()) return std::nullopt;
  a.effect = fmt::format("{} instead of {} connections per pool for the same wait", *a.pool_size,
                         r.total());
  return a;
}

/// The same load on fewer processes: larger pools are used better.
std::optional<Alternative> fewer_processes(const SizeCase& c) {
  if (!c.knows_demand() || c.in.processes < 2) return std::nullopt;
  SizeCase other = c;
  other.in.processes = (c.in.processes + 1) / 2;
  const std::int64_t now = servers(c.pool_erlangs(*c.in.hold_s), c.profile.wait_goal);
  Alternative a;
  a.change = fmt::format("{} instead of {} processes", other.in.processes, c.in.processes);
  a.pool_size = servers(other.pool_erlangs(*c.in.hold_s), c.profile.wait_goal);
  a.max_overflow = 0;
  a.needed = *a.pool_size * other.peak_pools();
  const std::int64_t before = now * c.peak_pools();
  if (*a.needed >= before) return std::nullopt;
  a.effect = fmt::format("{} instead of {} connections in all, as far as the processors go",
                         *a.needed, before);
  return a;
}

std::optional<Alternative> pooler(const SizeCase& c, const Recommendation& r) {
  if (!something_known(c) || c.in.pgbouncer || c.pools() < 2) return std::nullopt;
  const std::int64_t shared = wanted_behind_pooler(c);
  const std::int64_t asked = wanted_per_pool(c).connections * c.peak_pools();
  if (shared >= asked) return std::nullopt;
  Alternative a;
  a.change = "PgBouncer between, in transaction mode (--pgbouncer)";
  a.pool_size = shared;
  a.needed = shared;
  a.effect = fmt::format("{} server connections shared by all serve the same load as {}", shared,
                         std::max(asked, r.capacity));
  return a;
}

Alternative neighbour(const SizeCase& c, const Recommendation& r, std::int64_t step) {
  const std::int64_t total = r.total() + step;
  const PoolForecast forecast = forecast_of(c, total, r.pool_timeout_s);
  Alternative a;
  a.change = step < 0 ? "one connection fewer per pool" : "one connection more per pool";
  a.pool_size = total;
  a.max_overflow = 0;
  a.needed = total * c.peak_pools();
  a.effect = fmt::format("{} of the checkouts wait instead of {}, {} time out",
                         percent(forecast.wait_probability.value_or(0)),
                         percent(r.predicted.wait_probability.value_or(0)),
                         percent(forecast.pool_timeout_rate.value_or(0)));
  return a;
}

std::optional<Alternative> larger_server(const SizeCase& c, const Recommendation& r) {
  const std::int64_t asked = wanted_per_pool(c).connections;
  if (!something_known(c) || c.in.pgbouncer || asked <= r.total()) return std::nullopt;
  Alternative a;
  const auto peak = static_cast<double>(asked * c.peak_pools());
  a.change = fmt::format("max_connections {}", max_connections_for(peak, c.slots));
  a.pool_size = asked;
  a.max_overflow = 0;
  a.needed = asked * c.peak_pools();
  a.effect = "room for what the load asks for; needs a restart and memory";
  return a;
}

}  // namespace

std::vector<Alternative> alternatives_of(const SizeCase& c, const Recommendation& r) {
  std::vector<Alternative> all;
  for (const auto& one :
       {release_early(c, r), fewer_processes(c), pooler(c, r), larger_server(c, r)}) {
    if (one) all.push_back(*one);
  }
  if (c.knows_demand()) {
    if (r.total() > 1) all.push_back(neighbour(c, r, -1));
    all.push_back(neighbour(c, r, 1));
  }
  return all;
}

}  // namespace poolgauge
