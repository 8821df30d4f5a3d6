// What makes the figures doubtful, and what no window of this kind can show.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/text.h"
#include "observe/observe.h"

namespace poolgauge::observe {
namespace {

constexpr double kReliableCounters_s = 100;  // sessions hand in their times up to 10 s late
constexpr double kErrors = 3;
constexpr double kSlack = 0.1;  // connections: what the two ways of looking may differ by anyhow
constexpr double kShortest_s = 60;

/// Of the connections of a database that were found in use.
double error_in(const ObservedDatabase& database, const Observed& observed) {
  double squares = 0;
  for (const ObservedGroup& group : observed.groups) {
    if (group.key.database == database.name) squares += group.in_use.error * group.in_use.error;
  }
  return std::sqrt(squares);
}

void compare_counters(const Observed& observed, std::vector<std::string>& warnings) {
  for (const ObservedDatabase& database : observed.databases) {
    if (!database.in_use_counted) continue;
    if (misses_transactions(database, observed)) {
      warnings.push_back(fmt::format(
          "database {}: the looks found {} connections in use, the server's counters {}: the "
          "server "
          "does not count transactions that touch no table, so hold times and transactions per "
          "second are unknown",
          database.name, significant(database.in_use_sampled),
          significant(*database.in_use_counted)));
      continue;
    }
    if (observed.seconds < kReliableCounters_s) continue;
    const double error = error_in(database, observed);
    const double off = std::abs(*database.in_use_counted - database.in_use_sampled);
    if (error <= 0 || off <= kErrors * error + kSlack) continue;
    warnings.push_back(fmt::format(
        "database {}: the looks found {} connections in use, the server's counters {}; a setting "
        "may "
        "hide sessions (track_activities), or connections came and went between two looks",
        database.name, significant(database.in_use_sampled),
        significant(*database.in_use_counted)));
  }
}

std::string peak_words(const Observed& observed) {
  std::string text = "This window is not the peak: its size holds for the load of these minutes";
  for (const ObservedDatabase& database : observed.databases) {
    if (!database.usual_transactions_per_s || *database.usual_transactions_per_s <= 0) continue;
    const double share = database.transactions_per_s / *database.usual_transactions_per_s;
    text += fmt::format(
        "; database {} ran {} transactions a second, {}× its mean since its "
        "statistics were reset",
        database.name, significant(database.transactions_per_s), significant(share, 2));
    break;
  }
  return text + ". Watch the busiest hour of the day with --for 1h.";
}

}  // namespace

bool misses_transactions(const ObservedDatabase& database, const Observed& observed) {
  if (!database.in_use_counted) return false;
  constexpr double kFewer = 0.5;
  const double least = database.in_use_sampled - kErrors * error_in(database, observed) - kSlack;
  return *database.in_use_counted < kFewer * least;
}

std::vector<std::string> warnings_of(const Tally& tally, const Observed& observed) {
  std::vector<std::string> warnings = tally.troubles();
  std::int64_t hidden = 0;
  for (const ObservedGroup& group : observed.groups) hidden += group.hidden_most;
  if (hidden > 0 || !observed.server.tracks) {
    warnings.push_back(fmt::format(
        "{} the server does not tell the state of sessions (track_activities is off): they count "
        "as "
        "not in use",
        hidden > 0 ? "for " + counted(hidden, "session") : std::string("for some sessions")));
  }
  if (tally.looks_back() > 0) {
    warnings.push_back(
        "the server's clock was set back while it was watched; ages of that moment "
        "count as zero");
  }
  for (const auto& [name, limit] : observed.question.limits) {
    const bool known = std::any_of(observed.groups.begin(), observed.groups.end(),
                                   [&name = name](const ObservedGroup& group) {
                                     return group.key.application == name || group.key.role == name;
                                   });
    if (!known) {
      warnings.push_back(
          fmt::format("--group {}={}: no session has this application name or role", name, limit));
    }
  }
  compare_counters(observed, warnings);
  if (observed.seconds < kShortest_s) {
    warnings.push_back(
        fmt::format("{} s were watched; below a minute the intervals are wide or "
                    "missing",
                    significant(observed.seconds)));
  }
  return warnings;
}

std::vector<std::string> limits_of(const Observed& observed) {
  std::vector<std::string> limits{
      peak_words(observed),
      observed.pooler
          ? "Clients that wait for PgBouncer are visible, requests that wait for a pool inside the "
            "application are not."
          : "Requests that wait for a connection are not visible to the server: a pool that is too "
            "small shows as all of its sessions in use, not as more.",
      "Hold times are those at the present concurrency: with fewer connections they may be "
      "shorter, "
      "with more longer. simulate and run can tell, observe cannot."};
  double unnamed = 0, hidden_holds = 0;
  for (const ObservedGroup& group : observed.groups) {
    if (!group.named()) unnamed += group.sessions_mean;
    if (group.autocommit) hidden_holds += group.in_use.value;
  }
  limits.push_back(
      fmt::format("Groups are what clients say of themselves: {} of {} sessions have no "
                  "application name, and a "
                  "client address may be that of a pooler or a gateway.",
                  significant(unnamed), significant(observed.sessions_mean)));
  if (hidden_holds > 0) {
    limits.push_back(
        fmt::format("Outside of transactions a connection that the application holds between two "
                    "statements looks "
                    "idle; {} is taken for such a gap (--gap), and longer ones are not counted.",
                    human_duration(from_s(observed.question.gap_s))));
  }
  limits.push_back(
      fmt::format("One look each {}: means are right, but peaks between two looks are not seen.",
                  human_duration(from_s(observed.cost.interval_s))));
  if (observed.server.prepared_transactions > 0) {
    limits.push_back(counted(observed.server.prepared_transactions, "prepared transaction") +
                     " hold locks without a session and are not counted.");
  }
  if (observed.server.through_pooler) {
    limits.push_back(
        "The target is reached through a pooler: if applications use it too, the groups "
        "are the pooler's connections, and the sizes are those of its pools.");
  }
  if (observed.server.standby) {
    limits.push_back("This is a standby; it does not show the load on the primary.");
  }
  if (!observed.server.has_times()) {
    limits.push_back(
        "PostgreSQL 13 has no counters of the time in use: those figures come from the "
        "looks alone.");
  }
  return limits;
}

}  // namespace poolgauge::observe
