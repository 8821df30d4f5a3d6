// D, what a look shows: D1 to D6 and D11.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

std::string age_text(double s) {
  return seconds_text(std::max(0.0, static_cast<double>(static_cast<std::int64_t>(s))));
}

Applies judge_running(const Case& c) {
  constexpr double kShareOfCores = 0.25;
  constexpr double kWithoutCores = 2;
  const std::vector<double>& looks = c.facts.active;
  if (looks.empty()) {
    cannot_tell(c, "the server's sessions could not be read");
    return Applies::yes;
  }
  const double mean =
      std::accumulate(looks.begin(), looks.end(), 0.0) / static_cast<double>(looks.size());
  figure(c, "active_mean", mean);
  figure(c, "looks", static_cast<double>(looks.size()));
  const std::string seen =
      fmt::format("{:.1f} statements of other sessions run on average (mean of {})", mean,
                  count_text(static_cast<double>(looks.size()), "sample"));
  const std::string cure = "Choose a quieter time, or a server that nobody else uses.";
  if (!c.plan.cores) {
    const bool busy = mean >= kWithoutCores;
    found(c, busy ? DoctorLevel::warn : DoctorLevel::ok, seen,
          "fewer than 2 statements (with --cores: fewer than a quarter of the cores)",
          busy ? cure : "");
    return Applies::yes;
  }
  const auto cores = static_cast<double>(*c.plan.cores);
  const DoctorLevel level = mean >= cores                   ? DoctorLevel::stop
                            : mean >= kShareOfCores * cores ? DoctorLevel::warn
                                                            : DoctorLevel::ok;
  found(c, level, seen,
        level == DoctorLevel::stop ? fmt::format("fewer statements than the {} cores", cores)
                                   : fmt::format("fewer than a quarter of the {} cores", cores),
        level == DoctorLevel::ok ? "" : cure);
  return Applies::yes;
}

Applies judge_oldest(const Case& c) {
  constexpr double kLong_s = 60;
  const Row row = first_row(c.facts.first, "D2");
  const double transaction = row.number_or("oldest_xact_s", 0);
  const double statement = row.number_or("oldest_statement_s", 0);
  figure(c, "oldest_transaction_s", transaction);
  figure(c, "oldest_statement_s", statement);
  const bool old = std::max(transaction, statement) > kLong_s;
  found(c, old ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("oldest transaction {}, oldest running statement {}", age_text(transaction),
                    age_text(statement)),
        "at most 60 s",
        old ? "Find it in pg_stat_activity (smallest xact_start), and end it in its application."
            : "");
  return Applies::yes;
}

/// Without a scenario every table counts. `list`: "public.a, public.b".
bool locks_our_tables(const Case& c, std::string_view list) {
  if (c.plan.tables.empty() || list.empty()) return true;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(", "), list.size());
    if (c.plan.names_table(list.substr(0, end))) return true;
    list.remove_prefix(std::min(end + 2, list.size()));
  }
  return false;
}

Applies judge_idle_sessions(const Case& c) {
  constexpr double kWarn_s = 10;
  constexpr double kStop_s = 300;
  const std::vector<Row> rows = rows_of(c.facts.first, "D3");
  double longest = 0;
  bool locks = false;
  std::string who;
  for (const Row& row : rows) {
    const double since = row.number_or("since_s", 0);
    locks = locks || (since > kStop_s && row.number_or("relation_locks", 0) > 0 &&
                      locks_our_tables(c, row.text("tables")));
    if (since <= longest) continue;
    longest = since;
    who = fmt::format("{} (pid {})", named_text(row.text("application_name")), row.text("pid"));
  }
  figure(c, "sessions", static_cast<double>(rows.size()));
  figure(c, "longest_s", longest);
  const DoctorLevel level = locks               ? DoctorLevel::stop
                            : longest > kWarn_s ? DoctorLevel::warn
                                                : DoctorLevel::ok;
  std::string seen =
      count_text(static_cast<double>(rows.size()), "session") + " idle in a transaction";
  if (longest > 0) seen += fmt::format(", the longest for {}: {}", age_text(longest), who);
  found(c, level, seen,
        level != DoctorLevel::stop ? "at most 10 s"
        : c.plan.tables.empty()    ? "at most 300 s with locks on tables"
                                   : "at most 300 s with locks on the scenario's tables",
        level == DoctorLevel::ok
            ? ""
            : fmt::format("In that application, commit before other work; ALTER SYSTEM SET "
                          "idle_in_transaction_session_timeout = '{:.0f}s'; SELECT "
                          "pg_reload_conf();",
                          std::max(60.0, std::ceil(c.plan.longest_hold_s.value_or(0) * 2))));
  return Applies::yes;
}

Applies judge_lock_waits(const Case& c) {
  constexpr double kLong_s = 1;
  constexpr std::size_t kMany = 5;
  std::string who;
  std::size_t waiting = 0;
  for (const Row& row : rows_of(c.facts.first, "D4")) {
    if (row.number_or("since_s", 0) <= kLong_s) continue;
    if (waiting++ > 0) continue;
    const std::string blocked_by = row.text("blocked_by");
    who = fmt::format("{} (pid {}) for {}, behind {}", named_text(row.text("application_name")),
                      row.text("pid"), age_text(row.number_or("since_s", 0)),
                      blocked_by == "0" ? "a prepared transaction" : "pid " + blocked_by);
  }
  figure(c, "waiting", static_cast<double>(waiting));
  const DoctorLevel level = waiting > kMany ? DoctorLevel::stop
                            : waiting > 0   ? DoctorLevel::warn
                                            : DoctorLevel::ok;
  std::string seen = count_text(static_cast<double>(waiting), "session") + " waiting for a lock";
  if (!who.empty()) seen += ", the longest: " + who;
  found(c, level, seen, waiting > kMany ? "at most 5 sessions" : "none for longer than 1 s",
        level == DoctorLevel::ok ? ""
                                 : "End the transaction that blocks them (a prepared one with "
                                   "ROLLBACK PREPARED).");
  return Applies::yes;
}

Applies judge_maintenance(const Case& c) {
  std::vector<Row> rows = rows_of(c.facts.first, "D5");
  for (const Row& row : rows_of(c.facts.first, "D5b")) rows.push_back(row);
  std::string seen;
  bool backup = false;
  bool index = false;
  bool hidden = false;
  for (const Row& row : rows) {
    backup = backup || row.text("what") == "base backup";
    hidden = hidden || row.text("phase").empty();
    const std::string of = row.text("on_what");
    index = index || (row.text("what") == "CREATE INDEX" && c.plan.names_table(of));
    add_to(seen, row.text("what") + (of.empty() ? "" : " of " + named_text(of)));
  }
  figure(c, "running", static_cast<double>(rows.size()));
  figure(c, "not_visible", hidden ? "t" : "f");
  if (rows.empty()) {
    found(c, DoctorLevel::ok, "no maintenance is running", "none");
  } else {
    found(c, backup || index ? DoctorLevel::stop : DoctorLevel::warn, "running: " + seen, "none",
          "Wait until it has finished.");
  }
  return Applies::yes;
}

Applies judge_freezing(const Case& c) {
  constexpr double kWarn = 0.90;
  constexpr double kStop = 1.3e9;
  const Row row = first_row(c.facts.first, "D6");
  const auto age = row.number("xid_age");
  const auto most = row.number("freeze_max_age");
  if (!age || !most) {
    cannot_tell(c, "the server did not report the age of its databases");
    return Applies::yes;
  }
  figure(c, "xid_age", *age);
  figure(c, "autovacuum_freeze_max_age", *most);
  const DoctorLevel level = *age >= kStop           ? DoctorLevel::stop
                            : *age >= kWarn * *most ? DoctorLevel::warn
                                                    : DoctorLevel::ok;
  found(c, level,
        fmt::format("database {} is {} transactions old, {} of autovacuum_freeze_max_age",
                    named_text(row.text("datname")),
                    with_thousands(static_cast<std::uint64_t>(*age)), percent(*age / *most)),
        level == DoctorLevel::stop ? "less than 1.3 billion transactions" : "less than 90 %",
        level == DoctorLevel::ok ? "" : "Run VACUUM (FREEZE); in that database before the load.");
  return Applies::yes;
}

Applies judge_horizon(const Case& c) {
  constexpr double kOld = 1e6;  // transactions
  constexpr double kPrepared_s = 300;
  const std::vector<Row> rows = rows_of(c.facts.first, "D11");
  const Row* worst = nullptr;
  bool prepared = false;
  for (const Row& row : rows) {
    const bool left =
        row.text("holder") == "prepared transaction" && row.number_or("since_s", 0) > kPrepared_s;
    if ((row.number_or("xids", 0) > kOld && worst == nullptr) || (left && !prepared)) worst = &row;
    prepared = prepared || left;
  }
  double oldest = 0;
  for (const Row& row : rows) oldest = std::max(oldest, row.number_or("xids", 0));
  figure(c, "oldest_xids", oldest);
  if (worst == nullptr) {
    found(c, DoctorLevel::ok, "nothing keeps old row versions", "at most 1 million transactions");
    return Applies::yes;
  }
  found(c, DoctorLevel::warn,
        fmt::format("{} {} keeps row versions of the last {} transactions", worst->text("holder"),
                    named_text(worst->text("name")), worst->text("xids")),
        prepared ? "no prepared transaction older than 5 min" : "at most 1 million transactions",
        worst->text("holder") == "prepared transaction"
            ? "End it with COMMIT PREPARED or ROLLBACK PREPARED."
        : worst->text("holder") == "replication slot"
            ? "Let its consumer catch up, or drop the slot."
            : "End that session's transaction.");
  return Applies::yes;
}

constexpr std::array kChecksOfActivity = {
    Check{"D1",
          "running statements of others",
          {"D1"},
          true,
          judge_running,
          "Poolgauge",
          "They would distort the measurement, and the load would slow them down."},
    Check{"D2",
          "oldest transaction",
          {"D2"},
          true,
          judge_oldest,
          "PgHero: 60 s; postgres_exporter's mixin: 120 s",
          "It keeps dead rows from being removed and may hold locks."},
    Check{"D3",
          "sessions idle in a transaction",
          {"D3"},
          true,
          judge_idle_sessions,
          "Poolgauge",
          "They keep locks and old row versions without doing any work."},
    Check{
        "D4",
        "sessions waiting for a lock",
        {"D4"},
        true,
        judge_lock_waits,
        "pgEdge AI DBA Workbench: 5 sessions; Poolgauge: 1 s",
        "Requests of the load would wait for the same lock and keep their connections meanwhile."},
    Check{"D5",
          "maintenance",
          {"D5"},
          true,
          judge_maintenance,
          "Poolgauge",
          "It uses I/O for minutes and may end in the middle of a run."},
    Check{"D6",
          "transaction ID age",
          {"D6"},
          false,
          judge_freezing,
          "check_postgres autovac_freeze, txn_wraparound",
          "At 100 %, a freezing vacuum starts, whatever else is running."},
    Check{"D11",
          "old snapshots",
          {"D11"},
          true,
          judge_horizon,
          "Poolgauge",
          "Dead rows cannot be removed, so statements slow down during the run."}};

}  // namespace

std::span<const Check> checks_of_activity() {
  return kChecksOfActivity;
}

}  // namespace poolgauge::doctor
