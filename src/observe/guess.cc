// Which kind of pool reuses its connections like this: a guess, and named as one.
#include <algorithm>
#include <functional>

#include <fmt/core.h>

#include "base/text.h"
#include "observe/observe.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge::observe {
namespace {

constexpr double kOpensForEach = 0.8;  // new sessions per transaction: no pool
constexpr double kOpensOften = 0.05;   // connections above the pool's size are closed at return
constexpr double kFewIdle = 0.5;
constexpr double kRound = 2;  // the tenth oldest idle session, in rounds of the whole pool

double age_at(const GroupTally& tally, double q) {
  return to_s(tally.idle_ages.quantile(q));
}

bool closes_at_return(const std::string& kind) {
  const auto options = sizing_options(kind);
  return options && options->closes_at_return;
}

/// The first kind in the order of the documentation that does so.
std::string first_kind(const std::function<bool(const std::string&, const PoolTraits&)>& fits) {
  for (const KindInfo* info : pool_kinds()) {
    if (fits(info->name, pool_traits(info->name))) return info->name;
  }
  return pool_kinds().front()->name;
}

/// Reuses in turn; `closes`: what is above its size is closed when it is returned.
std::string kind_in_turn(bool closes) {
  return first_kind([closes](const std::string& kind, const PoolTraits& traits) {
    return sizing_options(kind) && !traits.last_returned_first && traits.driver_name.empty() &&
           closes_at_return(kind) == closes;
  });
}

}  // namespace

bool has_no_pool(const ObserveKey& key) {
  return key.application == "pgbench";
}

ObserveGuess guess_of(const ObservedGroup& group, const GroupTally& tally) {
  const std::string& application = group.key.application;
  for (const KindInfo* info : pool_kinds()) {
    if (application.empty() || pool_traits(info->name).driver_name != application) continue;
    return {info->name, "the application name is the default of its driver"};
  }
  if (has_no_pool(group.key)) {
    return {kind_in_turn(true),
            "pgbench keeps one connection for each of its clients, so there is no pool"};
  }
  const bool fixed = group.sessions_least == group.sessions_most;
  const double rate = group.rate_per_s ? group.rate_per_s->value : 0;
  if (rate > 0 && group.new_sessions_per_s > kOpensForEach * rate) {
    return {first_kind([](const std::string&, const PoolTraits& traits) {
              return traits.connects_each_time;
            }),
            "almost every transaction opened its own session, so there is no pool"};
  }
  if (rate > 0 && group.new_sessions_per_s > kOpensOften * rate) {
    return {kind_in_turn(true),
            fmt::format("{} sessions were opened per second for {} transactions per second, so "
                        "connections above the pool's size are closed when they are returned",
                        significant(group.new_sessions_per_s), significant(rate))};
  }
  const double idle = group.sessions_mean - group.in_use.value;
  const std::string number = fixed ? "the number of sessions never changed"
                                   : fmt::format("between {} and {} sessions were open",
                                                 group.sessions_least, group.sessions_most);
  if (idle < kFewIdle || rate <= 0 || tally.idle_ages.empty()) {
    return {kind_in_turn(true),
            fmt::format("{}, and {}, so the order of reuse is not visible", number,
                        idle < kFewIdle ? "they were almost never idle"
                                        : "too few transactions were seen")};
  }
  if (age_at(tally, 0.9) <= kRound * idle / rate) {
    return {kind_in_turn(!fixed),
            number +
                ", and the connection that has been idle longest is reused first (as in "
                "SQLAlchemy, psycopg, and Npgsql)"};
  }
  return {first_kind([](const std::string&, const PoolTraits& traits) {
            return traits.last_returned_first;
          }),
          number +
              ", and the connection returned last is reused first (as in asyncpg, "
              "node-postgres, and pgx)"};
}

}  // namespace poolgauge::observe
