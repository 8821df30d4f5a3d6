// A PostgreSQL server's log into the statements of its sessions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "poolgauge/import.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// What is read of one entry.
struct LogEntry {
  std::size_t line = 1;
  double time_s = 0;  ///< since 1970, in the log's own time zone
  std::string session;
  std::string transaction;  ///< virtual transaction id
  std::string severity;
  std::string message;
  std::string detail;
  bool of_client = true;  ///< not of a worker of the server's own
};

struct LogProblem {
  std::size_t line = 1;
  std::string message;
};

/// What of a log could be read: of one that was cut off, all whole lines.
struct ServerLog {
  std::vector<LogEntry> entries;
  std::size_t unread = 0;        ///< entries that are not whole
  std::size_t first_unread = 0;  ///< line of the first of them
  bool whole_seconds = false;    ///< its times have no fractions; entries of a second are spread
  std::string prefix;            ///< of a text log: the log_line_prefix it was read with
};

/// `prefix`: log_line_prefix of a text log; empty: whatever fits its lines.
std::variant<ServerLog, LogProblem> read_server_log(std::string_view log, LogFormat format,
                                                    const std::string& prefix = "");
/// The same for log_destination = stderr.
std::variant<ServerLog, LogProblem> read_text_log(std::string_view log, const std::string& prefix);

/// Whether so many broken entries among so many whole ones are a log's damage, and not another
/// file.
bool is_damage(std::size_t unread, std::size_t whole);

/// "2026-01-31 12:00:00.123 UTC" in seconds since 1970, the zone ignored.
std::optional<double> parse_log_time(std::string_view text);

/// A statement that a session ran.
struct LoggedStatement {
  std::size_t line = 1;
  std::string sql;
  std::vector<std::optional<std::string>> parameters;  ///< of $1, $2, ...; none: NULL
  std::string transaction;
  double start_s = 0;  ///< with the parse and the bind before it
  std::optional<double> end_s;
  bool failed = false;
  Protocol protocol = Protocol::simple;
  std::optional<double> duration_s = {};  ///< where its own message has it
};

/// One session's statements in their order.
struct LoggedSession {
  std::vector<LoggedStatement> statements;
  /// A parse or a bind that the next statement may belong to: from when until when.
  std::optional<std::pair<double, double>> preparing = {};
};
std::vector<LoggedSession> sessions_of(const std::vector<LogEntry>& entries);

/// "$1 = '5', $2 = NULL", with or without the word before it.
std::vector<std::optional<std::string>> parse_log_parameters(std::string_view detail);

}  // namespace poolgauge
