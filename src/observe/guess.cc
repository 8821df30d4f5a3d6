// Which kind of pool reuses its connections like this: a guess, and named as one.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.h"
#include "observe/observe.h"

namespace poolgauge::observe {
namespace {

constexpr double kOpensForEach = 0.8;  // new sessions per transaction: no pool
constexpr double kOpensOften = 0.05;   // connections above the pool's size are closed at return
constexpr double kFewIdle = 0.5;
constexpr double kRound = 2;  // the tenth oldest idle session, in rounds of the whole pool

double age_at(const GroupTally& tally, double q) {
  return to_s(tally.idle_ages.quantile(q));
}

}  // namespace

ObserveGuess guess_of(const ObservedGroup& group, const GroupTally& tally) {
  if (group.key.application == "PostgreSQL JDBC Driver") {
    return {"hikari", "the application name is that of pgjdbc"};
  }
  const bool fixed = group.sessions_least == group.sessions_most;
  const double rate = group.rate_per_s ? group.rate_per_s->value : 0;
  if (rate > 0 && group.new_sessions_per_s > kOpensForEach * rate) {
    return {"none", "almost every transaction opened a session of its own: there is no pool"};
  }
  if (rate > 0 && group.new_sessions_per_s > kOpensOften * rate) {
    return {"sqlalchemy",
            fmt::format("{} sessions a second were opened for {} transactions: connections above "
                        "the pool's size are closed when they are returned",
                        significant(group.new_sessions_per_s), significant(rate))};
  }
  const double idle = group.sessions_mean - group.in_use.value;
  const std::string number = fixed ? "the number of sessions never changed"
                                   : fmt::format("between {} and {} sessions were open",
                                                 group.sessions_least, group.sessions_most);
  if (idle < kFewIdle || rate <= 0 || tally.idle_ages.empty()) {
    return {"sqlalchemy", number + "; hardly any was idle, so the order of reuse is not visible"};
  }
  const double round_s = idle / rate;
  if (age_at(tally, 0.9) <= kRound * round_s) {
    return {
        fixed ? "psycopg" : "sqlalchemy",
        number + "; idle connections are reused in turn (as SQLAlchemy, psycopg, and Npgsql do)"};
  }
  return {"pgx", number +
                     "; the connection returned last is reused first (as asyncpg, "
                     "node-postgres, and pgx do)"};
}

}  // namespace poolgauge::observe
