// How many connections the demand asks for: Erlang C where rate and hold are known, otherwise the
// database's cores.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "base/text.h"
#include "math/pool_queue.h"
#include "math/queues.h"

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
  if (c.in.connections_per_request > 1) {
    words += fmt::format(" × {} connections", c.in.connections_per_request);
  }
  words += c.profile.growth > 0 ? fmt::format(" with {} growth", percent(c.profile.growth))
                                : std::string(" without growth");
  if (c.profile.one_lost && c.in.instances > 1) words += " and one instance down";
  return words;
}

Wanted by_demand(const SizeCase& c) {
  const double erlangs = c.pool_erlangs(*c.in.hold_s);
  Wanted wanted;
  wanted.connections =
      static_cast<std::int64_t>(math::servers_for(erlangs, c.profile.wait_goal).value_or(100'000));
  const std::string where = c.pools() > 1 ? " in each of " + counted(c.pools(), "pool") : "";
  wanted.why = fmt::format(
      "{}/s × {} hold time{} keeps {} connections busy on average{} (Little's law); with a pool of "
      "{}, at most {} of checkouts wait (Erlang C)",
      significant(*c.in.rate_per_s), human_duration(from_s(*c.in.hold_s)), circumstances(c),
      significant(erlangs), where, whole_words(wanted.connections), percent(c.profile.wait_goal));
  return wanted;
}

/// Neither load nor database are known: what a library opens unasked, as far as it fits.
Wanted by_custom(const SizeCase& c) {
  constexpr std::int64_t kLibraryDefault = 15;
  return {kLibraryDefault,
          fmt::format("--rate and --hold (or --cores) were not given, so this is the largest pool "
                      "that fits, but at most {} connections ({})",
                      kLibraryDefault,
                      c.counts_overflow() ? "SQLAlchemy's default, 5 + 10"
                                          : "what this command assumes when the load is unknown")};
}

Wanted by_database(const SizeCase& c) {
  constexpr std::int64_t kLeast = 2;
  Wanted wanted;
  wanted.connections = std::max(kLeast, (by_cores(c) + c.pools() - 1) / c.pools());
  wanted.why = fmt::format(
      "--rate and --hold were not given, so the database sets the size: {} cores × 2 + {} = {} "
      "running statements",
      c.cores, counted(c.spindles, "spindle"), rules::cores_and_spindles(c.cores, c.spindles));
  if (hold_factor(c) > 1) {
    wanted.why +=
        fmt::format(", and a connection is held {} times as long as its statements run: {}",
                    significant(hold_factor(c)), by_cores(c));
  }
  if (c.pools() > 1) {
    wanted.why += fmt::format(
        ", shared by {} (rounded up), with at least {} connections each, so that one request does "
        "not block all others",
        counted(c.pools(), "pool"), kLeast);
  }
  return wanted;
}

void apply_threads(const SizeCase& c, Wanted& wanted) {
  const auto most = c.most_in_use();
  if (most && wanted.connections > *most) {
    wanted.connections = *most;
    const std::string bound =
        fmt::format("a process that handles {} at once, {} each, never uses more than {}",
                    counted(*c.in.threads, "request"),
                    counted(c.in.connections_per_request, "connection"), *most);
    wanted.why = c.knows_something() ? wanted.why + "; " + bound : bound;
  }
  const std::int64_t least = c.least_safe();
  if (wanted.connections < least) {
    wanted.connections = least;
    wanted.why +=
        fmt::format("; fewer than {} connections can deadlock, because a request holds {} at once",
                    least, c.in.connections_per_request);
  }
}

/// Nobody waits for a connection where every request that can run at once has its own.
bool never_waits(const SizeCase& c, std::int64_t connections) {
  const auto most = c.most_in_use();
  return most && connections >= *most;
}

/// Neither load nor cores are known: what fits, at most what PgBouncer has unasked.
Wanted by_poolers_custom(const SizeCase& c) {
  constexpr std::int64_t kPoolersDefault = 20;
  const std::int64_t fit = c.room(false) / c.poolers();
  const std::int64_t with_headroom = c.room(true) / c.poolers();
  Wanted wanted;
  wanted.connections = std::max<std::int64_t>(1, std::min(with_headroom, kPoolersDefault));
  wanted.why = fmt::format(
      "{} server connections fit in {}", fit,
      c.poolers() > 1 ? "each of " + counted(c.poolers(), "PgBouncer pool") : "the PgBouncer pool");
  if (with_headroom < fit) {
    wanted.why += fmt::format(", but {} if {} of the server's slots are to stay free (--headroom)",
                              with_headroom, percent(c.slots.headroom));
  }
  if (with_headroom > kPoolersDefault) {
    wanted.why += fmt::format("; the load is not known, so no more than PgBouncer's default of {}",
                              kPoolersDefault);
  }
  return wanted;
}

}  // namespace

Wanted wanted_per_pool(const SizeCase& c) {
  Wanted wanted = by_custom(c);
  if (c.knows_demand()) {
    wanted = by_demand(c);
  } else if (c.in.cores) {
    wanted = by_database(c);
  }
  apply_threads(c, wanted);
  return wanted;
}

Wanted wanted_per_pooler(const SizeCase& c) {
  if (!c.knows_something()) return by_poolers_custom(c);
  const std::string each = c.poolers() > 1 ? " in each of " + counted(c.poolers(), "pool") : "";
  Wanted wanted;
  if (c.knows_demand()) {
    const double erlangs = c.fleet_erlangs(*c.in.hold_s) / static_cast<double>(c.poolers());
    wanted.connections = static_cast<std::int64_t>(
        math::servers_for(erlangs, c.profile.wait_goal).value_or(100'000));
    wanted.why = fmt::format("{} server connections{} carry the whole load{} (Erlang C)",
                             whole_words(wanted.connections), each, circumstances(c));
    return wanted;
  }
  wanted.connections = std::max<std::int64_t>(1, (by_cores(c) + c.poolers() - 1) / c.poolers());
  wanted.why = fmt::format("{} server connections{}: {} cores × 2 + {}", wanted.connections, each,
                           c.cores, counted(c.spindles, "spindle"));
  return wanted;
}

PoolForecast forecast_of(const SizeCase& c, std::int64_t connections, double timeout_s) {
  PoolForecast forecast;
  if (!c.knows_demand() || connections < 1) return forecast;
  if (never_waits(c, connections)) {
    forecast.wait_probability = forecast.pool_timeout_rate = forecast.pool_wait_p95_ms = 0;
    forecast.utilization =
        std::min(c.pool_erlangs(*c.in.hold_s), static_cast<double>(*c.most_in_use())) /
        static_cast<double>(connections);
    return forecast;
  }
  const math::PoolQueue pool{math::independent_servers(*c.in.hold_s),
                             static_cast<std::uint64_t>(connections), timeout_s};
  const auto figures = math::open_pool(pool, c.pool_rate());
  if (!figures) return forecast;
  constexpr double kQuantile = 0.95;
  // What is left of a difference of probabilities may lie below zero by a rounding error.
  forecast.wait_probability = std::max(0.0, figures->wait_probability());
  forecast.pool_timeout_rate = figures->timeout_probability;
  forecast.pool_wait_p95_ms = figures->wait_quantile_s(kQuantile) * 1e3;
  forecast.utilization = figures->busy_mean / static_cast<double>(connections);
  return forecast;
}

}  // namespace poolgauge
