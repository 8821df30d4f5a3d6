// E: standbys, slots, and the archiver.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

/// How many standbys a COMMIT waits for: "2 (a, b)", "FIRST 2 (a, b)", "ANY 1 (*)", "a, b".
std::int64_t standbys_asked_for(std::string_view names) {
  const std::size_t bracket = names.find('(');
  if (names.find_first_not_of(' ') == names.npos) return 0;
  if (bracket == names.npos) return 1;
  const std::string_view before = names.substr(0, bracket);
  const std::size_t digit = before.find_first_of("0123456789");
  if (digit == before.npos) return 1;
  return std::strtoll(std::string(before.substr(digit)).c_str(), nullptr, 10);
}

/// What the role may not see of a standby's connection.
bool is_hidden_standby(const Row& row) {
  return row.text("state").empty();
}

Applies judge_synchronous(const Case& c) {
  const Row row = first_row(c.facts.first, "E1");
  const std::string names = row.text("names");
  const std::string level_name = row.text("commit_level");
  const std::int64_t asked = standbys_asked_for(names);
  figure(c, "synchronous_standby_names", names);
  figure(c, "asked_for", static_cast<double>(asked));
  figure(c, "connected", row.number_or("candidates", 0));
  if (asked == 0 || row.flag("standby") || level_name == "off" || level_name == "local") {
    found(c, DoctorLevel::ok, "commits wait for no standby", "");
    return Applies::yes;
  }
  const auto rows = rows_of(c.facts.first, "E2");
  if (std::any_of(rows.begin(), rows.end(), is_hidden_standby)) {
    cannot_tell(c, "the states of the standbys are hidden from this role", grant_to_see(c.facts));
    return Applies::yes;
  }
  const std::int64_t connected = row.whole("candidates");
  const DoctorLevel level = connected < asked    ? DoctorLevel::stop
                            : connected == asked ? DoctorLevel::warn
                                                 : DoctorLevel::ok;
  found(c, level,
        fmt::format("{} connected",
                    count_text(static_cast<double>(connected), "synchronous standby candidate")),
        fmt::format("more than the {} that synchronous_standby_names requires", asked),
        level == DoctorLevel::stop
            ? "Start the standbys, or ALTER SYSTEM RESET synchronous_standby_names; SELECT "
              "pg_reload_conf();"
        : level == DoctorLevel::warn ? "Add a standby: if one of them fails, every COMMIT hangs."
                                     : "");
  return Applies::yes;
}

Applies judge_lag(const Case& c) {
  constexpr double kWarn_s = 5;
  constexpr double kStop_s = 60;
  const auto rows = rows_of(c.facts.first, "E2");
  if (rows.empty()) return Applies::no;
  if (std::any_of(rows.begin(), rows.end(), is_hidden_standby)) {
    cannot_tell(c, "the states of the standbys are hidden from this role", grant_to_see(c.facts));
    return Applies::yes;
  }
  double lag = 0;
  double behind = 0;
  std::string who = rows.front().text("application_name");
  for (const Row& row : rows) {
    behind = std::max(behind, row.number_or("behind_bytes", 0));
    if (row.number_or("replay_lag_s", 0) <= lag) continue;
    lag = row.number_or("replay_lag_s", 0);
    who = row.text("application_name");
  }
  figure(c, "standbys", static_cast<double>(rows.size()));
  figure(c, "replay_lag_s", lag);
  figure(c, "behind_bytes", behind);
  const bool stop = lag > kStop_s && c.plan.reads_standby;
  found(c,
        stop            ? DoctorLevel::stop
        : lag > kWarn_s ? DoctorLevel::warn
                        : DoctorLevel::ok,
        fmt::format("{} replays WAL {:.2f} s late; the furthest standby is {} bytes behind",
                    named_text(who), lag,
                    with_thousands(static_cast<std::uint64_t>(std::max(behind, 0.0)))),
        stop ? "at most 60 s for a standby that the scenario reads from" : "at most 5 s",
        lag > kWarn_s ? "Find what the standby waits for before adding load to the primary." : "");
  return Applies::yes;
}

Applies judge_replication_slots(const Case& c) {
  std::string inactive;
  std::string lost;
  for (const Row& row : rows_of(c.facts.first, "E3")) {
    const std::string status = row.text("wal_status");
    const std::string name = named_text(row.text("slot_name"));
    if (status == "unreserved" || status == "lost") {
      add_to(lost, name + " (" + status + ")");
    } else if (!row.flag("active")) {
      add_to(inactive, name);
    }
  }
  const auto count = static_cast<double>(rows_of(c.facts.first, "E3").size());
  figure(c, "slots", count);
  const std::string cure =
      "Start its consumer, or SELECT pg_drop_replication_slot('...') if nobody needs the slot.";
  if (!lost.empty()) {
    found(c, DoctorLevel::stop, "replication slots whose WAL is gone or about to go: " + lost,
          "wal_status reserved or extended", cure);
  } else if (!inactive.empty()) {
    found(c, DoctorLevel::warn, "inactive replication slots: " + inactive, "none", cure);
  } else {
    found(c, DoctorLevel::ok, count_text(count, "replication slot") + ", none inactive", "none");
  }
  return Applies::yes;
}

Applies judge_standby_delay(const Case& c) {
  constexpr double kWarn_s = 5;
  const Row row = first_row(c.facts.first, "E4");
  if (!row.flag("standby")) return Applies::no;
  // A quiet primary makes the time grow although nothing is missing.
  const bool caught_up = row.flag("caught_up");
  const double behind = caught_up ? 0 : row.number_or("behind_s", 0);
  figure(c, "behind_s", behind);
  figure(c, "max_standby_streaming_delay", row.text("max_delay"));
  figure(c, "hot_standby_feedback", row.text("feedback"));
  found(c, behind > kWarn_s ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("replays WAL {:.1f} s late; max_standby_streaming_delay {}, "
                    "hot_standby_feedback {}",
                    behind, row.text("max_delay"), row.text("feedback")),
        "at most 5 s", behind > kWarn_s ? "Wait until the standby has caught up." : "");
  return Applies::yes;
}

Applies judge_archiver(const Case& c) {
  const Row row = first_row(c.facts.first, "E5");
  if (row.text("mode") == "off") return Applies::no;
  const double grown = growth_of(c.facts, "E5", "failed_count").value_or(0);
  const bool idle = row.flag("no_command");
  const bool failing = row.flag("failing") || grown > 0;
  figure(c, "failed_count", row.number_or("failed_count", 0));
  figure(c, "archived_count", row.number_or("archived_count", 0));
  found(c, failing || idle ? DoctorLevel::warn : DoctorLevel::ok,
        idle      ? "archive_mode is on, but archive_command is empty, so all WAL is kept"
        : failing ? fmt::format("archiving fails: {} so far",
                                count_text(row.number_or("failed_count", 0), "failure"))
                  : "archiving works",
        "no failure after the last success",
        idle
            ? "Set archive_command, or ALTER SYSTEM SET archive_mode = off; and restart the server."
        : failing ? "Repair archive_command; the server's log has its error messages."
                  : "");
  return Applies::yes;
}

constexpr std::array kChecksOfReplication = {
    Check{"E1",
          "synchronous standbys",
          {"E1", "E2"},
          false,
          judge_synchronous,
          "PostgreSQL manual, synchronous replication",
          "With fewer standbys than required, every COMMIT hangs and keeps its connection."},
    Check{"E2",
          "lag of the standbys",
          {"E2"},
          false,
          judge_lag,
          "awesome-prometheus-alerts",
          "Requests that read from a standby read old rows."},
    Check{"E3",
          "replication slots",
          {"E3"},
          false,
          judge_replication_slots,
          "check_pgactivity replication_slots",
          "The server keeps the WAL of the run for them until the disk is full."},
    Check{"E4",
          "delay of this standby",
          {"E4"},
          false,
          judge_standby_delay,
          "Poolgauge",
          "Long reads are canceled (SQLSTATE 40001) when they block the replay."},
    Check{"E5",
          "archiver",
          {"E5"},
          false,
          judge_archiver,
          "PostgreSQL manual, statistics",
          "WAL piles up while the load writes."}};

}  // namespace

std::span<const Check> checks_of_replication() {
  return kChecksOfReplication;
}

}  // namespace poolgauge::doctor
