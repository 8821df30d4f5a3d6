// A: who answers, and what we may see there.
#include <array>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;

constexpr int kNewestKnown = 18;

/// The last day of support, in days since 1970. Releases come each autumn and live five years.
std::int64_t end_of_support(int major) {
  const int of_year = 2025 + (major - kOldestMajor);
  constexpr std::array<unsigned, 4> kDays = {13, 12, 11, 9};  // published so far
  const auto index = static_cast<std::size_t>(major - kOldestMajor);
  const unsigned of_day = index < kDays.size() ? kDays[index] : 8;
  return sys_days(year(of_year) / month(11) / day(of_day)).time_since_epoch().count();
}

std::string date_text(std::int64_t days) {
  const std::chrono::year_month_day date{sys_days(std::chrono::days(days))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

Applies judge_version(const Case& c) {
  constexpr std::int64_t kNotice = 90;  // days
  const int major = c.facts.version_num / 10'000;
  const std::string seen = "PostgreSQL " + c.facts.server_version;
  figure(c, "server_version_num", c.facts.version_num);
  if (major < kOldestMajor) {
    found(c, DoctorLevel::stop, seen, "13 or later", "Upgrade the server.");
    return Applies::yes;
  }
  if (major > kNewestKnown) {
    found(c, DoctorLevel::note, seen + ", newer than the versions that Poolgauge was tested with",
          "13 to 18 are tested");
    return Applies::yes;
  }
  const std::int64_t end = end_of_support(major);
  figure(c, "end_of_support", date_text(end));
  const std::string limit = "supported until " + date_text(end);
  if (c.plan.today > end) {
    found(c, DoctorLevel::warn, seen + ", no longer supported", limit, "Upgrade the server.");
  } else if (c.plan.today + kNotice > end) {
    found(c, DoctorLevel::warn,
          fmt::format("{}, supported for {} more days", seen, end - c.plan.today), limit,
          "Plan the upgrade.");
  } else {
    found(c, DoctorLevel::ok, seen, limit);
  }
  return Applies::yes;
}

Applies judge_product(const Case& c) {
  const Row row = first_row(c.facts.first, "A2");
  std::string families = row.text("families");
  if (row.flag("aurora") && families.find("aurora") == std::string::npos) {
    families += families.empty() ? "aurora" : ", aurora";
  }
  figure(c, "families", families);
  if (families.empty()) {
    found(c, DoctorLevel::ok, "community PostgreSQL", "");
  } else {
    found(c, DoctorLevel::warn, "not community PostgreSQL: settings of " + families, "",
          "Read about the provider's limits: it reserves slots and caps some settings.");
  }
  return Applies::yes;
}

Applies judge_pooler_between(const Case& c) {
  const DoctorFacts& f = c.facts;
  figure(c, "pid_at_start", static_cast<double>(f.startup_pid));
  figure(c, "pid_first", static_cast<double>(f.first_pid));
  figure(c, "pid_second", static_cast<double>(f.second_pid));
  if (f.first_pid == 0) {
    cannot_tell(c, "the server did not report its process ID");
  } else if (f.startup_pid == f.first_pid && f.first_pid == f.second_pid) {
    found(c, DoctorLevel::ok, "connected to the server itself", "");
  } else {
    const bool moved = f.first_pid != f.second_pid;
    found(c, DoctorLevel::warn,
          moved ? "a pooler in transaction mode: two transactions were served by two processes"
                : "a pooler: the process that runs our statements is not the one that accepted the "
                  "connection",
          "", "Check the pooler, too (--pgbouncer CONNINFO), or use the server's own address.");
  }
  return Applies::yes;
}

Applies judge_rights(const Case& c) {
  const Row row = first_row(c.facts.first, "A4");
  figure(c, "superuser", row.text("superuser"));
  figure(c, "pg_read_all_stats", row.text("sees_all"));
  if (row.flag("sees_all") || row.flag("superuser")) {
    found(c, DoctorLevel::ok, row.flag("superuser") ? "superuser" : "member of pg_read_all_stats",
          "");
  } else {
    found(c, DoctorLevel::warn,
          "role " + named_text(c.facts.role) + " cannot see what other sessions do",
          "superuser, or member of pg_read_all_stats", grant_to_see(c.facts));
  }
  return Applies::yes;
}

Applies judge_writable(const Case& c) {
  const Row row = first_row(c.facts.first, "A5");
  const bool standby = row.flag("standby");
  const bool read_only = row.text("read_only") == "on";
  figure(c, "standby", row.text("standby"));
  figure(c, "default_transaction_read_only", row.text("read_only"));
  if (!standby && !read_only) {
    found(c, DoctorLevel::ok, "primary, accepts writes", "");
    return Applies::yes;
  }
  const std::string seen =
      standby ? "a standby: it accepts no writes" : "default_transaction_read_only is on";
  const std::string cure = standby ? "Use the primary as the target, or a scenario that only reads."
                                   : fmt::format(
                                         "ALTER ROLE {} SET default_transaction_read_only "
                                         "= off;",
                                         quoted_identifier(c.facts.role));
  const DoctorLevel level = c.plan.writes ? DoctorLevel::stop : DoctorLevel::note;
  found(c, level, c.plan.writes ? seen + ", and the scenario writes" : seen, "",
        c.plan.writes ? cure : "");
  return Applies::yes;
}

Applies judge_tracking(const Case& c) {
  std::string off;
  std::vector<std::string> cures;
  for (const char* const name : {"track_activities", "track_counts"}) {
    const auto value = setting_of(c.facts.first, "A6", name);
    figure(c, name, value.value_or(""));
    if (value == "on") continue;
    cures.push_back(fmt::format("{} = on", name));
    add_to(off, name);
  }
  if (off.empty()) {
    found(c, DoctorLevel::ok, "track_activities and track_counts are on", "");
  } else {
    found(c, DoctorLevel::stop, off + (cures.size() == 1 ? " is off" : " are off"), "both on",
          alter_system(cures));
  }
  return Applies::yes;
}

Applies judge_statements(const Case& c) {
  const Row row = first_row(c.facts.first, "A7");
  const bool installed = !row.text("schema").empty();
  figure(c, "installed", installed ? "t" : "f");
  figure(c, "loaded", row.text("loaded"));
  if (!installed || !row.flag("loaded")) {
    c.finding.why = "Scenario import can read the workload from it.";
    found(c, DoctorLevel::note,
          installed            ? "pg_stat_statements is installed, but not loaded"
          : row.flag("loaded") ? "pg_stat_statements is loaded, but not installed in this database"
                               : "pg_stat_statements is missing",
          "",
          row.flag("loaded") ? "CREATE EXTENSION pg_stat_statements;"
          : installed
              ? "Add pg_stat_statements to shared_preload_libraries and restart the server."
              : "Add pg_stat_statements to shared_preload_libraries, restart the server, and run "
                "CREATE EXTENSION pg_stat_statements;");
    return Applies::yes;
  }
  const auto evicted = growth_of(c.facts, "A7b", "dealloc");
  if (evicted) figure(c, "dealloc_growth", *evicted);
  if (evicted && *evicted > 0) {
    found(c, DoctorLevel::warn,
          fmt::format("pg_stat_statements evicted entries {} times in {:.1f} s", *evicted,
                      c.facts.between_s),
          "never", "Raise pg_stat_statements.max.");
  } else {
    found(c, DoctorLevel::ok, "pg_stat_statements is loaded", "");
  }
  return Applies::yes;
}

Applies judge_age(const Case& c) {
  constexpr double kWarmUp = 3600;  // s
  const Row row = first_row(c.facts.first, "A8");
  const auto up_s = row.number("up_s");
  const auto statistics_s = row.number("statistics_s");
  if (!up_s) {
    cannot_tell(c, "the server did not report when it started");
    return Applies::yes;
  }
  figure(c, "up_s", *up_s);
  if (statistics_s) figure(c, "statistics_s", *statistics_s);
  if (*up_s < kWarmUp) {
    found(c, DoctorLevel::warn, fmt::format("the server started {:.0f} s ago", *up_s),
          "at least 1 h", "Wait until the server's caches have filled, or extend the warm-up.");
  } else if (statistics_s && c.plan.load_s && *statistics_s < *c.plan.load_s) {
    found(c, DoctorLevel::warn,
          fmt::format("the statistics were reset {:.0f} s ago", *statistics_s),
          fmt::format("at least as long ago as the load takes ({:.0f} s)", *c.plan.load_s),
          "Do not size from these counters yet.");
  } else {
    found(c, DoctorLevel::ok, fmt::format("up for {:.1f} h", *up_s / kWarmUp), "at least 1 h");
  }
  return Applies::yes;
}

constexpr std::array kChecksOfTarget = {
    Check{"A1",
          "version",
          {},
          false,
          judge_version,
          "PostgreSQL's versioning policy; Poolgauge: 90 days ahead",
          "Fixes for crashes and leaks under load end with support."},
    Check{
        "A2",
        "product",
        {"A2"},
        false,
        judge_product,
        "Poolgauge",
        "A provider reserves connections, caps max_connections, and keeps data on remote storage."},
    Check{
        "A3",
        "pooler in between",
        {"A3"},
        false,
        judge_pooler_between,
        "Poolgauge",
        "Behind a pooler, prepared statements, SET, connection limits, and every count of sessions "
        "mean something else."},
    Check{"A4",
          "rights",
          {"A4"},
          false,
          judge_rights,
          "PostgreSQL manual, predefined roles",
          "Without this right, several checks cannot be made, and a busy server looks idle."},
    Check{"A5",
          "accepts writes",
          {"A5"},
          false,
          judge_writable,
          "PostgreSQL manual, hot standby",
          "Writes would fail with SQLSTATE 25006."},
    Check{"A6",
          "activity tracking",
          {"A6"},
          false,
          judge_tracking,
          "PostgreSQL manual, run-time statistics",
          "Without session states and counters, neither a run nor these checks can see what the "
          "server does."},
    Check{"A7",
          "pg_stat_statements",
          {"A7"},
          false,
          judge_statements,
          "check_pgactivity pgss_dealloc",
          "Scenario import can read the workload from it, but evictions make its counts partial."},
    Check{"A8",
          "uptime",
          {"A8"},
          false,
          judge_age,
          "Poolgauge",
          "After a restart, caches are cold. After a restart or a reset of the statistics, "
          "counters cover only a short time."}};

}  // namespace

std::span<const Check> checks_of_target() {
  return kChecksOfTarget;
}

}  // namespace poolgauge::doctor
