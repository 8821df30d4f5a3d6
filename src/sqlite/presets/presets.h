// What may be said of connections to SQLite: pragmas, and the habits of libraries.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace poolgauge::sqlite {

/// What a driver or framework does around the application's statements.
struct Habits {
  /// Python's sqlite3, before autocommit=False: BEGIN is sent before the first statement that
  /// writes, so reads before it are outside of the transaction.
  bool begins_at_first_write = false;
  /// Rails 8: every transaction that may write is BEGIN IMMEDIATE.
  bool begins_immediately = false;
  /// Rails: a connection that waits for a lock looks every millisecond. Else it waits longer each
  /// time, up to 100 ms, as SQLite's own busy timeout does.
  bool looks_every_ms = false;
};

/// A library whose connections are imitated.
struct Preset {
  std::string name;
  std::vector<std::pair<std::string, std::string>> pragmas;
  Habits habits;
};
const std::vector<Preset>& presets();

/// Whether the digits are a result code of an error; extended ones have the primary code, which is
/// from 1 to 28, in their low byte.
bool is_result_code(std::string_view digits);

/// Every pragma that a scenario may set.
std::vector<std::string> pragma_names();
/// The value as it is sent: "on" for true, lower case. nullopt: not a value of this pragma, and
/// `expected` says what is.
std::optional<std::string> pragma_value(std::string_view name, std::string value,
                                        std::string& expected);

}  // namespace poolgauge::sqlite
