// H, what PgBouncer does: H1 to H3, H8, H9 and H11.
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/pooler_rows.h"

namespace poolgauge::doctor {

int pooler_version(const DoctorFacts& facts) {
  const Row row = first_row(facts.pooler, "VERSION");
  const std::string text = row.text("version");
  int major = 0;
  int minor = 0;
  int patch = 0;
  const std::size_t digit = text.find_first_of("0123456789");
  if (digit == text.npos) return 0;
  if (std::sscanf(text.c_str() + digit, "%d.%d.%d", &major, &minor, &patch) < 2) return 0;
  return major * 10'000 + minor * 100 + patch;
}

bool console_is_silent(const Case& c) {
  if (c.facts.pooler_trouble.empty()) return false;
  cannot_tell(c, c.facts.pooler_trouble,
              c.facts.pooler_refuses
                  ? "Add the role to stats_users in pgbouncer.ini, then run RELOAD."
                  : "");
  return true;
}

namespace {

Applies judge_pooler_version(const Case& c) {
  constexpr int kNewest = 12'502;
  if (console_is_silent(c)) return Applies::yes;
  const int version = pooler_version(c.facts);
  if (version == 0) {
    cannot_tell(c, "the console did not report its version");
    return Applies::yes;
  }
  figure(c, "version", static_cast<double>(version));
  const std::string seen =
      fmt::format("PgBouncer {}.{}.{}", version / 10'000, version / 100 % 100, version % 100);
  const char* const holes = version < 12'401   ? "CVE-2025-2291, CVE-2025-12819, CVE-2026-6664"
                            : version < 12'501 ? "CVE-2025-12819, CVE-2026-6664"
                                               : "CVE-2026-6664";
  const bool old = version < kNewest;
  found(
      c, old ? DoctorLevel::warn : DoctorLevel::ok,
      old ? seen + ", without the fixes of " + holes : seen, "1.25.2 or later",
      old ? "Check whether your distribution's package has the fixes; upgrade if it has not." : "");
  return Applies::yes;
}

Applies judge_pool_mode(const Case& c) {
  if (console_is_silent(c)) return Applies::yes;
  std::string crowded;
  std::string by_statement;
  for (const Row& pool : pools_of(c.facts)) {
    const std::string mode = mode_of_pool(c.facts, pool);
    figure(c, "pool_mode " + name_of_pool(pool), mode);
    if (mode == "statement") by_statement = name_of_pool(pool);
    if (mode == "session" && clients_of_pool(pool) > size_of_pool(c.facts, pool)) {
      crowded = name_of_pool(pool);
    }
  }
  if (by_statement.empty() && mode_of_ours(c.facts) == "statement") {
    by_statement = named_text(c.facts.database);
  }
  const std::string usual = pooler_setting(c.facts, "pool_mode").value_or("unknown");
  if (by_statement.empty() && usual == "statement") by_statement = "the default";
  if (!by_statement.empty() && c.plan.transactions) {
    found(c, DoctorLevel::stop, "pool_mode statement for " + by_statement,
          "a mode that allows the scenario's transactions", "Set pool_mode = transaction.");
  } else if (!crowded.empty()) {
    found(c, DoctorLevel::warn, "more clients than server connections in session mode: " + crowded,
          "a server connection for each client",
          "Set pool_mode = transaction, or raise pool_size.");
  } else {
    found(c, DoctorLevel::ok, "pool_mode " + usual, "");
  }
  return Applies::yes;
}

Applies judge_waiting(const Case& c) {
  constexpr double kMany = 20;
  constexpr double kLong_s = 15;
  constexpr double kWarn_s = 1;
  if (console_is_silent(c)) return Applies::yes;
  double most = 0;
  double longest = 0;
  std::size_t with_waiters = 0;
  for (const DoctorAnswer& look : c.facts.pool_looks) {
    double waiting = 0;
    for (const Row& pool : pools_of(&look)) {
      waiting += pool.number_or("cl_waiting", 0);
      longest =
          std::max(longest, pool.number_or("maxwait", 0) + pool.number_or("maxwait_us", 0) / 1e6);
    }
    most = std::max(most, waiting);
    with_waiters += waiting > 0 ? 1U : 0U;
  }
  figure(c, "waiting_most", most);
  figure(c, "maxwait_s", longest);
  figure(c, "looks", static_cast<double>(c.facts.pool_looks.size()));
  const bool stop = most > kMany || longest > kLong_s;
  const bool warn = 2 * with_waiters > c.facts.pool_looks.size() || longest > kWarn_s;
  found(c,
        stop   ? DoctorLevel::stop
        : warn ? DoctorLevel::warn
               : DoctorLevel::ok,
        fmt::format("up to {} waiting, for up to {:.2f} s", count_text(most, "client"), longest),
        stop ? "at most 20 clients, for at most 15 s"
             : "clients waiting in at most half of the samples, for at most 1 s",
        stop || warn
            ? "Raise pool_size if the server has free slots; otherwise, shorten transactions."
            : "");
  return Applies::yes;
}

Applies judge_use(const Case& c) {
  constexpr double kWarn = 0.8;
  constexpr double kStop = 0.9;
  if (console_is_silent(c)) return Applies::yes;
  double worst = 0;
  double waiting = 0;
  std::string who;
  for (const Row& pool : pools_of(c.facts)) {
    const double size = size_of_pool(c.facts, pool);
    const double use = size > 0 ? pool.number_or("sv_active", 0) / size : 0;
    const double waiting_here = pool.number_or("cl_waiting", 0);
    // Of two that are in use alike, the one that keeps clients waiting is the worse.
    if (std::pair(use, waiting_here) <= std::pair(worst, waiting)) continue;
    worst = use;
    waiting = waiting_here;
    who = name_of_pool(pool);
  }
  figure(c, "use", worst);
  const bool stop = worst >= kStop && waiting > 0;
  const bool warn = worst >= kWarn;
  found(
      c,
      stop   ? DoctorLevel::stop
      : warn ? DoctorLevel::warn
             : DoctorLevel::ok,
      who.empty() ? "no server connection is in use"
                  : fmt::format("{} of the server connections of {} in use", percent(worst), who),
      stop ? "less than 90 % while clients wait" : "less than 80 %",
      warn ? "Raise pool_size if the server has free slots; otherwise, shorten transactions." : "");
  return Applies::yes;
}

/// A sum over the databases of SHOW STATS, by how much it grew.
double stats_growth(const DoctorFacts& facts, std::string_view column) {
  double grown = 0;
  for (const Row& later : rows_of(facts.pooler_later, "STATS")) {
    const Row before = row_where(facts.pooler, "STATS", "database", later.text("database"));
    grown += later.number_or(column, 0) - before.number_or(column, 0);
  }
  return std::max(grown, 0.0);
}

Applies judge_wait_time(const Case& c) {
  constexpr double kMost_ms = 10;
  constexpr int kCountsAssignments = 12'300;
  if (console_is_silent(c)) return Applies::yes;
  const bool counted = pooler_version(c.facts) >= kCountsAssignments;
  const double times =
      stats_growth(c.facts, counted ? "total_server_assignment_count" : "total_xact_count");
  const double wait_us = stats_growth(c.facts, "total_wait_time");
  const double each_ms = times > 0 ? wait_us / times / 1000 : 0;
  figure(c, "assignments", times);
  figure(c, "wait_ms", each_ms);
  found(c, each_ms > kMost_ms ? DoctorLevel::warn : DoctorLevel::ok,
        times > 0
            ? fmt::format("clients waited {:.2f} ms for a server connection (mean of {:.0f} waits)",
                          each_ms, times)
            : "no client needed a server connection meanwhile",
        "at most 10 ms", each_ms > kMost_ms ? "Raise pool_size if the server has free slots." : "");
  return Applies::yes;
}

Applies judge_hosts(const Case& c) {
  if (console_is_silent(c)) return Applies::yes;
  const auto adds = pooler_setting(c.facts, "application_name_add_host");
  figure(c, "application_name_add_host", adds.value_or(""));
  const bool blind = !adds || *adds == "0" || *adds == "no" || *adds == "off";
  found(c, blind ? DoctorLevel::note : DoctorLevel::ok,
        blind ? "the server sees one address for all clients"
              : "application_name contains the client's address",
        "", blind ? "Set application_name_add_host = 1." : "");
  return Applies::yes;
}

constexpr std::array kChecksOfPooler = {
    Check{"H1",
          "version",
          {},
          false,
          judge_pooler_version,
          "PgBouncer's NEWS.md",
          "Some of these holes let anybody crash PgBouncer without a password."},
    Check{
        "H2",
        "pool_mode",
        {},
        false,
        judge_pool_mode,
        "PgBouncer's manual",
        "In session mode, each client keeps a server connection until it disconnects; in statement "
        "mode, transactions of several statements fail."},
    Check{"H3",
          "waiting clients",
          {},
          false,
          judge_waiting,
          "awesome-prometheus-alerts: 20 clients, 15 s; Poolgauge: 1 s",
          "The pool is too small, or the server too slow."},
    Check{"H8",
          "use of the server connections",
          {},
          false,
          judge_use,
          "awesome-prometheus-alerts",
          "The next burst will wait."},
    Check{"H9",
          "wait for a server connection",
          {},
          false,
          judge_wait_time,
          "Poolgauge",
          "It makes each transaction longer, and the application's pool cannot see why."},
    Check{"H11",
          "addresses of clients",
          {},
          false,
          judge_hosts,
          "Poolgauge",
          "Behind the pooler, the server cannot tell which client a session belongs to."}};

}  // namespace

std::span<const Check> checks_of_pooler() {
  return kChecksOfPooler;
}

}  // namespace poolgauge::doctor
