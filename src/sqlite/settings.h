// How an application's connections to SQLite are set up.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "poolgauge/scenario.h"
#include "poolgauge/time.h"
#include "sqlite/url.h"

namespace poolgauge::sqlite {

/// Names and values in the order in which they are sent.
using Pragmas = std::vector<std::pair<std::string, std::string>>;

/// What the driver or framework does around the application's statements.
struct Habits {
  /// Python's sqlite3, before autocommit=False: BEGIN is sent before the first statement that
  /// writes, so reads before it are outside of the transaction.
  bool begins_at_first_write = false;
  /// Rails: every transaction that may write is BEGIN IMMEDIATE.
  bool begins_immediately = false;
  /// Rails: a connection that waits for a lock looks every millisecond. Else it waits longer each
  /// time, up to 100 ms, as SQLite's own busy timeout does.
  bool looks_every_ms = false;
};

/// The application or library whose connections are imitated.
struct Preset {
  const char* name;
  const char* follows;  ///< library and versions
  Pragmas pragmas;
  Habits habits;
};
const std::vector<Preset>& presets();
/// nullptr when unknown.
const Preset* find_preset(std::string_view name);

struct Settings {
  Place place;
  Pragmas pragmas;
  /// As Python's sqlite3 and better-sqlite3 have it where nobody says otherwise.
  Duration busy_timeout = std::chrono::seconds(5);
  Habits habits;
};

/// The preset's pragmas, then the scenario's own, each name once; busy_timeout is taken out.
Settings settings_of(const Scenario& scenario, Place place);

}  // namespace poolgauge::sqlite
