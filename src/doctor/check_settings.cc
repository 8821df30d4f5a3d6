// F, what a result is worth: F1 to F4, F9 and F10.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

constexpr std::string_view kSettings = "F1";

std::optional<std::string> value_of(const Case& c, std::string_view name) {
  auto value = setting_of(c.facts.first, kSettings, name);
  if (value) figure(c, std::string(name), *value);
  return value;
}

Applies judge_durability(const Case& c) {
  std::string off;
  std::vector<std::string> cures;
  for (const char* const name : {"fsync", "full_page_writes", "synchronous_commit"}) {
    if (value_of(c, name) != "off") continue;
    cures.push_back(fmt::format("{} = on", name));
    add_to(off, name);
  }
  const std::string level = value_of(c, "synchronous_commit").value_or("");
  if (!off.empty()) {
    found(c, DoctorLevel::warn, off + (cures.size() == 1 ? " is off" : " are off"), "all on",
          alter_system(cures));
  } else if (level == "remote_apply") {
    found(c, DoctorLevel::note, "synchronous_commit is remote_apply: commits wait for a standby",
          "");
  } else {
    found(c, DoctorLevel::ok, "fsync, full_page_writes, and synchronous_commit are on", "all on");
  }
  return Applies::yes;
}

Applies judge_logging(const Case& c) {
  std::string on;
  std::vector<std::string> cures;
  const auto add = [&on, &cures](const std::string& what, const std::string& assignment) {
    add_to(on, what);
    cures.push_back(assignment);
  };
  if (value_of(c, "log_statement") == "all") add("log_statement = all", "log_statement = 'none'");
  if (value_of(c, "log_min_duration_statement") == "0") {
    add("log_min_duration_statement = 0", "log_min_duration_statement = -1");
  }
  if (value_of(c, "log_duration") == "on") add("log_duration", "log_duration = off");
  const std::string connections = value_of(c, "log_connections").value_or("");
  if (!connections.empty() && connections != "off") {
    add("log_connections",
        c.facts.version_num >= 180'000 ? "log_connections = ''" : "log_connections = off");
  }
  found(c, on.empty() ? DoctorLevel::ok : DoctorLevel::warn,
        on.empty() ? "individual statements and connections are not logged" : on,
        "not logged one by one", alter_system(cures));
  return Applies::yes;
}

Applies judge_libraries(const Case& c) {
  const auto libraries = value_of(c, "shared_preload_libraries");
  if (!libraries) {
    cannot_tell(c, "shared_preload_libraries is hidden from this role", grant_to_see(c.facts));
    return Applies::yes;
  }
  if (value_of(c, "auto_explain.log_analyze") == "on") {
    found(c, DoctorLevel::warn, "auto_explain.log_analyze is on", "off",
          alter_system("auto_explain.log_analyze = off"));
    return Applies::yes;
  }
  std::string loaded;
  for (const char* const name : {"auto_explain", "pgaudit", "pg_stat_kcache", "pg_wait_sampling"}) {
    if (libraries->find(name) != std::string::npos) add_to(loaded, name);
  }
  found(c, loaded.empty() ? DoctorLevel::ok : DoctorLevel::note,
        loaded.empty() ? "no library that instruments every statement" : "loaded: " + loaded, "");
  return Applies::yes;
}

Applies judge_defaults(const Case& c) {
  constexpr double kBlock = 8192;
  constexpr double kDefaultBlocks = 16'384;  // 128 MB
  const auto buffers = setting_number(c.facts.first, kSettings, "shared_buffers");
  const auto bytes = first_row(c.facts.first, "F4").number("database_bytes");
  if (!buffers || !bytes) {
    cannot_tell(c, "shared_buffers or the size of the database is not visible");
    return Applies::yes;
  }
  figure(c, "shared_buffers_bytes", *buffers * kBlock);
  figure(c, "database_bytes", *bytes);
  std::string defaults;
  for (const char* const name : {"work_mem", "effective_cache_size", "random_page_cost"}) {
    const Row row = row_where(c.facts.first, kSettings, "name", name);
    if (row.text("setting") == row.text("boot_val")) add_to(defaults, name);
  }
  figure(c, "defaults", defaults);
  constexpr double kMib = 1024.0 * 1024;
  const std::string seen =
      fmt::format("shared_buffers {:.0f} MiB, database {:.0f} MiB{}", *buffers * kBlock / kMib,
                  *bytes / kMib, defaults.empty() ? "" : "; still at their defaults: " + defaults);
  const bool small = *buffers <= kDefaultBlocks && *bytes > *buffers * kBlock;
  found(c, small ? DoctorLevel::warn : DoctorLevel::ok, seen,
        "above the default of 128 MiB if the database does not fit into shared_buffers",
        small ? "Set shared_buffers to a quarter of the memory (needs a restart)." : "");
  return Applies::yes;
}

Applies judge_pending(const Case& c) {
  std::string pending;
  for (const Row& row : rows_of(c.facts.first, "F9")) {
    add_to(pending, row.text("name"));
  }
  figure(c, "pending", pending);
  found(c, pending.empty() ? DoctorLevel::ok : DoctorLevel::warn,
        pending.empty() ? "no setting waits for a restart" : "waiting for a restart: " + pending,
        "none", pending.empty() ? "" : "Restart the server, or undo the change.");
  return Applies::yes;
}

Applies judge_fingerprint(const Case& c) {
  const Row row = first_row(c.facts.first, "F10");
  figure(c, "sha256", row.text("fingerprint"));
  figure(c, "settings", row.number_or("settings", 0));
  constexpr std::size_t kShown = 12;
  found(c, DoctorLevel::ok,
        fmt::format("fingerprint {} of {}", row.text("fingerprint").substr(0, kShown),
                    count_text(row.number_or("settings", 0), "setting")),
        "");
  return Applies::yes;
}

constexpr std::array kChecksOfSettings = {
    Check{"F1",
          "durability",
          {"F1"},
          false,
          judge_durability,
          "PostgreSQL manual, WAL settings",
          "Commits cost less than in production, so the measured pools come out too small."},
    Check{"F2",
          "logging",
          {"F1"},
          false,
          judge_logging,
          "Poolgauge",
          "Under load, the log becomes the bottleneck."},
    Check{"F3",
          "instrumentation",
          {"F1"},
          false,
          judge_libraries,
          "Poolgauge",
          "It makes every statement slower."},
    Check{"F4",
          "memory settings",
          {"F1", "F4"},
          false,
          judge_defaults,
          "PostgreSQL sample file",
          "With default memory settings, the server needs other pool sizes than a tuned one."},
    Check{"F9",
          "pending restart",
          {"F9"},
          false,
          judge_pending,
          "check_pgactivity settings",
          "The server does not run with the settings in its configuration file."},
    Check{"F10",
          "fingerprint of the settings",
          {"F10"},
          false,
          judge_fingerprint,
          "check_postgres settings_checksum",
          "Two runs are comparable only with the same settings."}};

}  // namespace

std::span<const Check> checks_of_settings() {
  return kChecksOfSettings;
}

}  // namespace poolgauge::doctor
