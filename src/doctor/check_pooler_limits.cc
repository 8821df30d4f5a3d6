// H, how PgBouncer is set: H4 to H7 and H10.
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/pooler_rows.h"
#include "doctor/slots.h"

namespace poolgauge::doctor {

namespace {

Applies judge_client_limit(const Case& c) {
  constexpr double kWarn = 0.8;
  if (console_is_silent(c)) return Applies::yes;
  const auto most = pooler_number(c.facts, "max_client_conn");
  if (!most || *most <= 0) {
    cannot_tell(c, "the console did not report max_client_conn");
    return Applies::yes;
  }
  double clients = 0;
  for (const Row& pool : pools_of(c.facts)) clients += clients_of_pool(pool);
  const double share = clients / *most;
  figure(c, "clients", clients);
  figure(c, "max_client_conn", *most);
  const double planned = clients + static_cast<double>(c.plan.connections.value_or(0));
  const bool stop = share >= 1 || planned > *most;
  const bool warn = share >= kWarn;
  found(
      c,
      stop   ? DoctorLevel::stop
      : warn ? DoctorLevel::warn
             : DoctorLevel::ok,
      fmt::format("{} of the {} clients that max_client_conn allows are connected", clients, *most),
      stop && share < 1 ? fmt::format("at least {} more for the pools", planned - clients)
                        : "less than 80 %",
      stop || warn ? fmt::format("Raise max_client_conn to {:.0f}.", std::max(2 * clients, planned))
                   : "");
  return Applies::yes;
}

/// What the pools of one database may open, and have open.
struct Openable {
  double most = 0, open = 0;
};

Applies judge_server_total(const Case& c) {
  if (console_is_silent(c)) return Applies::yes;
  if (known(c.facts.first, "B1") == nullptr) return Applies::no;  // no server to compare with
  std::map<std::string, Openable> by_database;
  for (const Row& pool : pools_of(c.facts)) {
    const Row database = pooler_database(c.facts, pool);
    const double reserve =
        database.number("reserve_pool_size").value_or(database.number("reserve_pool").value_or(0));
    Openable& one = by_database[pool.text("database")];
    one.most += size_of_pool(c.facts, pool) + reserve;
    one.open += servers_of_pool(pool);
    const double limit = database.number_or("max_connections", 0);
    if (limit > 0) one.most = std::min(one.most, limit);
  }
  double more = 0;
  double most = 0;
  for (const auto& [name, one] : by_database) {
    most += one.most;
    more += std::max(one.most - one.open, 0.0);
  }
  const auto free = static_cast<double>(std::max<std::int64_t>(slots_of(c.facts).server.free(), 0));
  figure(c, "may_open", most);
  figure(c, "more", more);
  figure(c, "free_slots", free);
  found(c, more > free ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("PgBouncer may open {} more server connections ({} in total)", more, most),
        fmt::format("at most the {} free slots", free),
        more > free ? "Lower default_pool_size, or set max_db_connections." : "");
  return Applies::yes;
}

/// "session" only where neither our database nor a pool departs from it.
std::string loosest_mode(const DoctorFacts& facts) {
  std::string mode = pooler_setting(facts, "pool_mode").value_or("");
  const auto take = [&mode](const std::string& other) {
    if (!other.empty() && other != "session") mode = other;
  };
  take(mode_of_ours(facts));
  for (const Row& pool : pools_of(facts)) take(mode_of_pool(facts, pool));
  return mode;
}

Applies judge_prepared(const Case& c) {
  constexpr int kTracks = 12'100;
  if (console_is_silent(c)) return Applies::yes;
  const std::string mode = loosest_mode(c.facts);
  const double most = pooler_number(c.facts, "max_prepared_statements").value_or(0);
  figure(c, "max_prepared_statements", most);
  if (most > 0 || mode == "session") {
    found(c, DoctorLevel::ok,
          mode == "session" ? "pool_mode is session: prepared statements work"
                            : fmt::format("max_prepared_statements is {}", most),
          "");
    return Applies::yes;
  }
  const bool too_old = pooler_version(c.facts) < kTracks;
  found(
      c, c.plan.prepares ? DoctorLevel::warn : DoctorLevel::note,
      too_old ? "this version does not track prepared statements" : "max_prepared_statements is 0",
      "above 0 for drivers that prepare statements",
      too_old
          ? "Upgrade to 1.21 or later, or turn off prepared statements in the driver."
          : "Set max_prepared_statements = 200, or turn off prepared statements in the driver.");
  return Applies::yes;
}

Applies judge_wait_order(const Case& c) {
  if (console_is_silent(c)) return Applies::yes;
  if (!c.plan.deadline_s) return Applies::no;
  const double wait_s = pooler_number(c.facts, "query_wait_timeout").value_or(0);
  figure(c, "query_wait_timeout_s", wait_s);
  const bool longer = wait_s == 0 || wait_s > *c.plan.deadline_s;
  found(c, longer ? DoctorLevel::warn : DoctorLevel::ok,
        wait_s == 0 ? "query_wait_timeout is 0: no limit"
                    : "query_wait_timeout is " + seconds_text(wait_s),
        "at most the deadline of " + seconds_text(*c.plan.deadline_s),
        longer ? fmt::format("Set query_wait_timeout = {:.3g}.", *c.plan.deadline_s) : "");
  return Applies::yes;
}

Applies judge_gaps(const Case& c) {
  if (console_is_silent(c)) return Applies::yes;
  if (!c.plan.gap_s) return Applies::no;
  const double idle = pooler_number(c.facts, "server_idle_timeout").value_or(0);
  const double life = pooler_number(c.facts, "server_lifetime").value_or(0);
  const double kept = pooler_number(c.facts, "min_pool_size").value_or(0);
  figure(c, "server_idle_timeout_s", idle);
  figure(c, "server_lifetime_s", life);
  figure(c, "min_pool_size", kept);
  const bool ends = (idle > 0 && idle < *c.plan.gap_s) || (life > 0 && life < *c.plan.gap_s);
  const bool cold = ends && kept == 0;
  found(c, cold ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("server_idle_timeout {}, server_lifetime {}, min_pool_size {}",
                    seconds_text(idle), seconds_text(life), kept),
        "at least the gap between bursts, " + seconds_text(*c.plan.gap_s),
        cold ? "Set min_pool_size to the number of server connections that a burst needs." : "");
  return Applies::yes;
}

constexpr std::array kChecksOfPoolerLimits = {
    Check{"H4",
          "max_client_conn",
          {},
          false,
          judge_client_limit,
          "awesome-prometheus-alerts; Poolgauge: 80 %",
          "Further clients are refused."},
    Check{"H5",
          "server connections in all",
          {},
          false,
          judge_server_total,
          "Poolgauge",
          "PgBouncer itself gets SQLSTATE 53300, and its clients see failed logins."},
    Check{"H6",
          "prepared statements",
          {},
          false,
          judge_prepared,
          "PgBouncer's NEWS.md 1.21, 1.24",
          "Statements fail with \"prepared statement does not exist\"."},
    Check{"H7",
          "query_wait_timeout",
          {},
          false,
          judge_wait_order,
          "PgBouncer's manual",
          "Requests stay in PgBouncer's queue after their callers have given up."},
    Check{"H10",
          "server connections between bursts",
          {},
          false,
          judge_gaps,
          "PgBouncer's manual",
          "After each gap, it opens its server connections one after the other."}};

}  // namespace

std::span<const Check> checks_of_pooler_limits() {
  return kChecksOfPoolerLimits;
}

}  // namespace poolgauge::doctor
