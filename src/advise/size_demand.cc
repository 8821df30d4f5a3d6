// How many connections the demand asks for: Erlang C where rate and hold are known, otherwise the
// database's cores.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "base/text.h"
#include "math/erlang.h"
#include "math/pool_queue.h"

namespace poolgauge {

namespace {

/// How much longer a connection is checked out than the database works for it.
double hold_factor(const SizeCase& c) {
  if (!c.in.hold_s || !c.in.sql_s || *c.in.sql_s <= 0) return 1;
  return std::max(1.0, *c.in.hold_s / *c.in.sql_s);
}

/// The whole fleet's connections by the database's cores.
std::int64_t by_cores(const SizeCase& c) {
  const auto active = static_cast<double>(rules::cores_and_spindles(c.cores, c.spindles));
  return static_cast<std::int64_t>(std::ceil(active * hold_factor(c) - 1e-9));
}

std::string circumstances(const SizeCase& c) {
  std::string words;
  if (c.profile.growth > 0) words += fmt::format(" with {} growth", percent(c.profile.growth));
  if (c.profile.one_lost && c.in.instances > 1) words += ", one instance lost";
  return words;
}

Wanted by_demand(const SizeCase& c) {
  const double erlangs = c.pool_erlangs(*c.in.hold_s);
  Wanted wanted;
  wanted.connections =
      static_cast<std::int64_t>(math::servers_for(erlangs, c.profile.wait_goal).value_or(100'000));
  const std::string where = c.pools() > 1 ? " in each of " + counted(c.pools(), "pool") : "";
  wanted.why = fmt::format(
      "{}/s × {} s hold{} keeps {} connections busy on average{} (Little's law); with {} at most "
      "{} of the checkouts wait (Erlang C)",
      significant(*c.in.rate_per_s), significant(*c.in.hold_s), circumstances(c),
      significant(erlangs), where, wanted.connections, percent(c.profile.wait_goal));
  return wanted;
}

/// Neither load nor database are known: what a library opens unasked, as far as it fits.
Wanted by_custom() {
  constexpr std::int64_t kLibraryDefault = 15;
  return {kLibraryDefault,
          "nothing is known of load or database (--rate and --hold, or --cores): the largest pool "
          "that fits, at most SQLAlchemy's own 5 + 10"};
}

Wanted by_database(const SizeCase& c) {
  constexpr std::int64_t kLeast = 2;
  Wanted wanted;
  wanted.connections = std::max(kLeast, (by_cores(c) + c.pools() - 1) / c.pools());
  wanted.why = fmt::format(
      "rate and hold are not known, so the database decides: {} cores × 2 + {} = {} statements at "
      "work",
      c.cores, counted(c.spindles, "spindle"), rules::cores_and_spindles(c.cores, c.spindles));
  if (hold_factor(c) > 1) {
    wanted.why += fmt::format(", and a connection is held {} times as long as it works: {}",
                              significant(hold_factor(c)), by_cores(c));
  }
  if (c.pools() > 1) {
    wanted.why += fmt::format(
        ", shared by {}; at least {} each, so that one request does not stop all others",
        counted(c.pools(), "pool"), kLeast);
  }
  return wanted;
}

void apply_threads(const SizeCase& c, Wanted& wanted) {
  if (!c.in.threads) return;
  const std::int64_t most = *c.in.threads * c.in.connections_per_request;
  if (wanted.connections > most) {
    wanted.connections = most;
    wanted.why += fmt::format("; a process with {} at once never uses more than {}",
                              counted(*c.in.threads, "request"), most);
  }
  const std::int64_t least = rules::deadlock_free(*c.in.threads, c.in.connections_per_request);
  if (wanted.connections < least) {
    wanted.connections = least;
    wanted.why += fmt::format("; fewer than {} can deadlock, because a request takes {} at once",
                              least, c.in.connections_per_request);
  }
}

}  // namespace

Wanted wanted_per_pool(const SizeCase& c) {
  Wanted wanted = by_custom();
  if (c.knows_demand()) {
    wanted = by_demand(c);
  } else if (c.in.cores) {
    wanted = by_database(c);
  }
  apply_threads(c, wanted);
  return wanted;
}

std::int64_t wanted_behind_pooler(const SizeCase& c) {
  if (!c.knows_demand()) return by_cores(c);
  const double erlangs = c.fleet_erlangs(*c.in.hold_s);
  return static_cast<std::int64_t>(
      math::servers_for(erlangs, c.profile.wait_goal).value_or(100'000));
}

PoolForecast forecast_of(const SizeCase& c, std::int64_t connections, double timeout_s) {
  PoolForecast forecast;
  if (!c.knows_demand() || connections < 1) return forecast;
  const math::PoolQueue pool{math::independent_servers(*c.in.hold_s),
                             static_cast<std::uint64_t>(connections), timeout_s};
  const auto figures = math::open_pool(pool, c.pool_rate());
  if (!figures) return forecast;
  constexpr double kQuantile = 0.95;
  forecast.wait_probability = figures->wait_probability();
  forecast.pool_timeout_rate = figures->timeout_probability;
  forecast.pool_wait_p95_ms = figures->wait_quantile_s(kQuantile) * 1e3;
  forecast.utilization = figures->busy_mean / static_cast<double>(connections);
  return forecast;
}

}  // namespace poolgauge
