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
          "database {}: the samples show {} sessions in use on average, the server's counters "
          "only {}. The server does not count transactions that touch no table, so hold times and "
          "transaction rates are unknown",
          database.name, significant(database.in_use_sampled),
          significant(*database.in_use_counted)));
      continue;
    }
    if (observed.seconds < kReliableCounters_s) continue;
    const double error = error_in(database, observed);
    const double off = std::abs(*database.in_use_counted - database.in_use_sampled);
    if (error <= 0 || off <= kErrors * error + kSlack) continue;
    warnings.push_back(fmt::format(
        "database {}: the samples show {} sessions in use on average, the server's counters {}. "
        "Either track_activities is off for some sessions, or connections opened and closed "
        "between two samples",
        database.name, significant(database.in_use_sampled),
        significant(*database.in_use_counted)));
  }
}

std::string peak_words(const Observed& observed) {
  std::string text = "The sizes hold for the load in this window, which may not include the peak";
  for (const ObservedDatabase& database : observed.databases) {
    if (!database.usual_transactions_per_s || *database.usual_transactions_per_s <= 0) continue;
    const double share = database.transactions_per_s / *database.usual_transactions_per_s;
    text += fmt::format(
        ": database {} ran {} transactions per second, {}× its mean since its statistics were "
        "reset",
        database.name, significant(database.transactions_per_s), significant(share, 2));
    break;
  }
  return text + ". Observe the busiest hour of the day with --for 1h.";
}

}  // namespace

std::string tests_words(const ObservedDatabase& database, double tests_per_s) {
  return fmt::format(
      "Database {}: of {} transactions per second, {} took almost no time, each directly before "
      "another one on the same connection. They are probably a pool's connection tests (such as "
      "HikariCP's), so rates and hold times exclude them.",
      database.name, significant(database.transactions_per_s), significant(tests_per_s, 2));
}

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
        "the state of {} is hidden because track_activities is off; they count as not in use",
        hidden > 0 ? counted(hidden, "session") : std::string("some sessions")));
  }
  if (tally.looks_back() > 0) {
    warnings.push_back(
        "the server's clock was set back during the observation; hold times around that moment "
        "are too short");
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
        fmt::format("the window was only {} s long; below a minute, confidence intervals are wide "
                    "or missing",
                    significant(observed.seconds)));
  }
  return warnings;
}

namespace {

/// How sessions were told apart, and how far that can be trusted.
std::string group_words(const Observed& observed) {
  double unnamed = 0;
  for (const ObservedGroup& group : observed.groups) {
    if (!group.named()) unnamed += group.sessions_mean;
  }
  std::string text = "Sessions are grouped by application_name, which clients set themselves";
  text += unnamed <= 0 ? std::string("; every session seen here had one")
                       : fmt::format("; on average, {:.3g} of {:.3g} sessions have none", unnamed,
                                     observed.sessions_mean);
  return text + ". A client address may be that of a pooler or a gateway.";
}

std::vector<std::string> limits_of_groups(const Observed& observed) {
  std::vector<std::string> limits{
      peak_words(observed),
      observed.pooler
          ? "Clients that wait in PgBouncer are visible; requests that wait for a connection of a "
            "pool "
            "inside the application are not."
          : "Requests that wait for a connection are not visible to the server: if a pool is too "
            "small, the server shows that all of its sessions are in use, but not how many more "
            "requests wait.",
      "Hold times depend on concurrency: with fewer connections they may be shorter, and with more "
      "connections longer. simulate predicts and run measures this; observe does neither."};
  limits.push_back(group_words(observed));
  const bool hidden_holds =
      std::any_of(observed.groups.begin(), observed.groups.end(),
                  [](const ObservedGroup& group) { return group.autocommit; });
  if (hidden_holds) {
    limits.push_back(fmt::format(
        "Outside a transaction, a connection that the application keeps between two statements "
        "looks idle. Sessions idle for less than {} (--gap) may still be held by a request; longer "
        "gaps are not counted.",
        human_duration(from_s(observed.question.gap_s))));
  }
  limits.push_back(fmt::format(
      "With one sample every {}, averages have no systematic error, but short peaks between "
      "samples are missed.",
      human_duration(from_s(observed.cost.interval_s))));
  return limits;
}

}  // namespace

std::vector<std::string> limits_of(const Observed& observed) {
  std::vector<std::string> limits;
  if (!observed.groups.empty()) limits = limits_of_groups(observed);
  if (observed.server.prepared_transactions > 0) {
    limits.push_back(counted(observed.server.prepared_transactions, "prepared transaction") +
                     " held locks without a session and are not counted.");
  }
  if (observed.server.through_pooler) {
    limits.push_back(
        "The target was reached through a pooler. If applications use it too, the groups are the "
        "pooler's server connections, and the sizes are those of its pools.");
  }
  if (observed.server.standby) {
    limits.push_back("This is a standby; it does not show the load on the primary.");
  }
  if (!observed.server.has_times()) {
    limits.push_back(
        "PostgreSQL 13 has no counters of the time in use, so all figures come from samples.");
  }
  return limits;
}

}  // namespace poolgauge::observe
