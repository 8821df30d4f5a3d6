// Addresses, waits, result codes, pragmas: what is pure.
#include <catch2/catch.hpp>

#include "sqlite/busy_wait.h"
#include "sqlite/failure.h"
#include "sqlite/presets/presets.h"
#include "sqlite/settings.h"
#include "sqlite/url.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

std::string path_of(const std::string& url) {
  const Result<sqlite::Place> place = sqlite::parse_url(url);
  if (!place) return "refused: " + place.error().message;
  return place.value().memory ? "memory" : place.value().path;
}

TEST_CASE("URLs are those of SQLAlchemy", "[sqlite]") {
  CHECK(path_of("sqlite:///dev.db") == "dev.db");
  CHECK(path_of("sqlite:////var/lib/app/dev.db") == "/var/lib/app/dev.db");
  CHECK(path_of("sqlite:///a%20b%25.db") == "a b%.db");
  CHECK(path_of("sqlite://") == "memory");
  CHECK(path_of("sqlite:///") == "memory");
  CHECK(path_of("sqlite:///:memory:") == "memory");
  CHECK(path_of("sqlite:dev.db").find("expected sqlite://") != std::string::npos);
  CHECK(path_of("sqlite://dev.db").find("no host") != std::string::npos);
  CHECK(path_of("sqlite:///dev.db?timeout=5").find("no parameters") != std::string::npos);
  CHECK(path_of("sqlite:///a%2").find("two hexadecimal digits") != std::string::npos);
  CHECK(path_of("sqlite:///a%00b").find("two hexadecimal digits") != std::string::npos);
  CHECK(sqlite::is_sqlite_url("sqlite:///x"));
  CHECK_FALSE(sqlite::is_sqlite_url("postgresql:///x"));
  CHECK(sqlite::Place{"dev.db", false}.url() == "sqlite:///dev.db");
  CHECK(sqlite::Place{"/a/dev.db", false}.url() == "sqlite:////a/dev.db");
}

TEST_CASE("a locked database is looked at as sqlite3_busy_timeout does", "[sqlite]") {
  const auto sleeps = [](Duration timeout, bool every_ms) {
    std::vector<Duration> all;
    for (int looks = 0;; ++looks) {
      const Duration next = sqlite::busy_sleep(looks, timeout, every_ms);
      if (next <= 0ms) return all;
      all.push_back(next);
    }
  };
  CHECK(sleeps(0ms, false).empty());
  CHECK(sleeps(10ms, false) == std::vector<Duration>{1ms, 2ms, 5ms, 2ms});  // the last is cut
  const std::vector<Duration> long_ones = sleeps(5s, false);
  CHECK(std::vector<Duration>(long_ones.begin(), long_ones.begin() + 13) ==
        std::vector<Duration>{1ms, 2ms, 5ms, 10ms, 15ms, 20ms, 25ms, 25ms, 25ms, 50ms, 50ms, 100ms,
                              100ms});
  Duration sum{0};
  for (const Duration each : long_ones) sum += each;
  CHECK(sum == 5s);
  CHECK(sleeps(5ms, true) == std::vector<Duration>(5, 1ms));
}

TEST_CASE("result codes have classes, and keep their number", "[sqlite]") {
  const auto said = [](int code) {
    const Outcome outcome = sqlite::outcome_of(code);
    return std::string(name_of(outcome.failure)) + " " + outcome.sqlstate.data();
  };
  CHECK(said(0) == "none ");
  CHECK(said(100) == "none ");  // SQLITE_ROW
  CHECK(said(101) == "none ");  // SQLITE_DONE
  CHECK(said(5) == "database_busy 5");
  CHECK(said(517) == "database_busy 517");
  CHECK(said(262) == "database_locked 262");
  CHECK(said(13) == "disk_full 13");
  CHECK(said(1034) == "io_error 1034");  // SQLITE_IOERR_FSYNC
  CHECK(said(11) == "corrupt 11");
  CHECK(said(26) == "corrupt 26");
  CHECK(said(7) == "out_of_memory 7");
  CHECK(said(2067) == "sql_error 2067");  // SQLITE_CONSTRAINT_UNIQUE
  CHECK(sqlite::code_name(517) == "SQLITE_BUSY_SNAPSHOT");
  CHECK(sqlite::code_name(10 | (99 << 8)) == "SQLITE_IOERR");  // of a later version
  CHECK(sqlite::code_name(99) == "result code 99");
  CHECK(sqlite::failure_text("database is locked", 5) == "database is locked (SQLITE_BUSY, 5)");
}

TEST_CASE("pragmas are checked before they are sent", "[sqlite]") {
  std::string expected;
  CHECK(sqlite::pragma_value("journal_mode", "WAL", expected) == "wal");
  CHECK_FALSE(sqlite::pragma_value("journal_mode", "wall", expected));
  CHECK(expected == "delete, truncate, persist, memory, wal or off");
  CHECK(sqlite::pragma_value("foreign_keys", "true", expected) == "on");
  CHECK(sqlite::pragma_value("cache_size", "-2000", expected) == "-2000");
  CHECK_FALSE(sqlite::pragma_value("busy_timeout", "-1", expected));
  CHECK(expected == "a whole number from 0 to 3600000");
  CHECK_FALSE(sqlite::pragma_value("busy_timeout", "5s", expected));
  CHECK_FALSE(sqlite::pragma_value("vacuum", "1", expected));
}

TEST_CASE("a scenario's own pragmas come before those of its preset", "[sqlite]") {
  Scenario scenario;
  CHECK(sqlite::settings_of(scenario, {}).busy_timeout == 5s);
  scenario.sqlite = SqliteServer{"rails-8", {{"synchronous", "off"}, {"busy_timeout", "250"}}};
  const sqlite::Settings settings = sqlite::settings_of(scenario, {});
  CHECK(settings.busy_timeout == 250ms);
  CHECK(settings.habits.begins_immediately);
  CHECK(settings.habits.looks_every_ms);
  std::string synchronous;
  for (const auto& [name, value] : settings.pragmas) {
    CHECK(name != "busy_timeout");
    if (name == "synchronous") synchronous += value;
  }
  CHECK(synchronous == "off");  // once
  for (const sqlite::Preset& preset : sqlite::presets()) {
    for (const auto& [name, value] : preset.pragmas) {
      std::string expected;
      CHECK(sqlite::pragma_value(name, value, expected) == value);
    }
  }
}

}  // namespace
