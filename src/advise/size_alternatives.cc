// What would help more, or cost less, than the recommended pool.
#include <algorithm>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "base/text.h"
#include "math/queues.h"

namespace poolgauge {

namespace {

/// The connections that keep the waits within the profile's goal, never more than can be in use,
/// never fewer than are safe.
std::int64_t servers(const SizeCase& c, double erlangs) {
  const auto enough =
      static_cast<std::int64_t>(math::servers_for(erlangs, c.profile.wait_goal).value_or(100'000));
  return std::max(c.least_safe(), std::min(enough, c.most_in_use().value_or(enough)));
}

std::string with_growth(const SizeCase& c) {
  return c.profile.growth > 0 ? fmt::format(", including {} growth", percent(c.profile.growth))
                              : std::string(", without growth");
}

/// The connection given back while no statement runs.
std::optional<Alternative> release_early(const SizeCase& c, const Recommendation& r) {
  constexpr double kWorthIt = 1.5;
  if (!c.knows_demand() || !c.in.sql_s || *c.in.hold_s < kWorthIt * *c.in.sql_s) {
    return std::nullopt;
  }
  Alternative a;
  a.change = "release the connection while the application does other work";
  a.pool_size = servers(c, c.pool_erlangs(*c.in.sql_s));
  a.max_overflow = 0;
  a.needed = *a.pool_size * c.peak_pools();
  if (*a.pool_size >= r.total()) return std::nullopt;
  a.effect = fmt::format("{} instead of {} connections per pool for the same wait{}", *a.pool_size,
                         r.total(), with_growth(c));
  return a;
}

/// The same load on fewer processes: larger pools are used better.
std::optional<Alternative> fewer_processes(const SizeCase& c) {
  if (!c.knows_demand() || c.in.processes < 2) return std::nullopt;
  SizeCase other = c;
  other.in.processes = (c.in.processes + 1) / 2;
  constexpr double kMostOfThreads = 0.8;
  if (c.in.threads &&
      other.pool_erlangs(*c.in.hold_s) > kMostOfThreads * static_cast<double>(*c.most_in_use())) {
    return std::nullopt;  // requests would wait for a thread instead
  }
  const std::int64_t now = servers(c, c.pool_erlangs(*c.in.hold_s));
  Alternative a;
  a.change = fmt::format("{} instead of {} processes", other.in.processes, c.in.processes);
  a.pool_size = servers(c, other.pool_erlangs(*c.in.hold_s));
  a.max_overflow = 0;
  a.needed = *a.pool_size * other.peak_pools();
  const std::int64_t before = now * c.peak_pools();
  if (*a.needed >= before) return std::nullopt;
  a.effect = fmt::format("{} instead of {} connections in total{}, if the CPUs can keep up",
                         *a.needed, before, with_growth(c));
  return a;
}

std::optional<Alternative> pooler(const SizeCase& c, const Recommendation& r) {
  if (!c.knows_something() || c.in.pgbouncer || c.pools() < 2 || c.in.connections_per_request > 1) {
    return std::nullopt;
  }
  const std::int64_t shared = wanted_per_pooler(c).connections;
  const std::int64_t asked = wanted_per_pool(c).connections * c.peak_pools();
  if (shared >= asked || shared > c.room(true)) return std::nullopt;
  Alternative a;
  a.change = "PgBouncer in transaction mode (--pgbouncer)";
  a.pool_size = shared;
  a.needed = shared;
  a.effect =
      fmt::format("{} shared server connections serve the same load as {} without PgBouncer{}",
                  shared, std::max(asked, r.capacity), c.knows_demand() ? with_growth(c) : "");
  return a;
}

Alternative neighbour(const SizeCase& c, const Recommendation& r, std::int64_t step) {
  const std::int64_t total = r.total() + step;
  const PoolForecast forecast = forecast_of(c, total, r.pool_timeout_s);
  Alternative a;
  a.change = step < 0 ? "one connection fewer per pool" : "one more connection per pool";
  a.pool_size = total;
  a.max_overflow = 0;
  a.needed = total * c.peak_pools();
  a.effect = fmt::format("{} of checkouts wait instead of {}, and {} time out{}",
                         percent(forecast.wait_probability.value_or(0)),
                         percent(r.predicted.wait_probability.value_or(0)),
                         percent(forecast.pool_timeout_rate.value_or(0)), with_growth(c));
  return a;
}

/// One more is offered only where it fits and can be in use at all.
bool fits(const SizeCase& c, const Recommendation& r, std::int64_t total) {
  if (total > c.most_in_use().value_or(total)) return false;
  SizeCase sized = c;
  sized.slots.max_connections = r.max_connections;
  return total <= sized.largest(true);
}

/// Server connections of an alternative that the server, as recommended, has no place for.
bool exceeds_server(const SizeCase& c, const Recommendation& r, const Alternative& one) {
  SizeCase sized = c;
  sized.slots.max_connections = r.max_connections;
  return !c.in.pgbouncer && one.needed && *one.needed > sized.room(true);
}

std::optional<Alternative> larger_server(const SizeCase& c, const Recommendation& r) {
  const std::int64_t asked = wanted_per_pool(c).connections;
  if (!c.knows_something() || c.in.pgbouncer || asked <= r.total()) return std::nullopt;
  if (c.memory_connections && asked * c.peak_pools() > *c.memory_connections) return std::nullopt;
  Alternative a;
  const auto peak = static_cast<double>(asked * c.peak_pools());
  a.change = fmt::format("max_connections {}", max_connections_for(peak, c.slots));
  a.pool_size = asked;
  a.max_overflow = 0;
  a.needed = asked * c.peak_pools();
  a.effect = "enough slots for this load; requires a restart and memory";
  return a;
}

}  // namespace

std::vector<Alternative> alternatives_of(const SizeCase& c, const Recommendation& r) {
  std::vector<Alternative> all;
  for (const auto& one : {release_early(c, r), fewer_processes(c), pooler(c, r)}) {
    if (one && !exceeds_server(c, r, *one)) all.push_back(*one);
  }
  if (const auto larger = larger_server(c, r)) all.push_back(*larger);
  if (c.knows_demand()) {
    if (r.total() > c.least_safe()) all.push_back(neighbour(c, r, -1));
    if (fits(c, r, r.total() + 1)) all.push_back(neighbour(c, r, 1));
  }
  return all;
}

}  // namespace poolgauge
