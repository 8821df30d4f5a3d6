// A PostgreSQL server's log into the statements of its sessions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "poolgauge/import.h"

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

std::variant<std::vector<LogEntry>, LogProblem> read_server_log(std::string_view log,
                                                                LogFormat format);

/// "2026-01-31 12:00:00.123 UTC" in seconds since 1970, the zone left out of account.
std::optional<double> parse_log_time(std::string_view text);

/// A statement that a session ran.
struct LoggedStatement {
  std::size_t line = 1;
  std::string sql;
  std::vector<std::optional<std::string>> parameters;  ///< of $1, $2, ...; none: NULL
  std::string transaction;
  double start_s = 0;
  std::optional<double> end_s;
  bool failed = false;
};

/// One session's statements in their order.
struct LoggedSession {
  std::vector<LoggedStatement> statements;
};
std::vector<LoggedSession> sessions_of(const std::vector<LogEntry>& entries);

/// "$1 = '5', $2 = NULL", with or without the word before it.
std::vector<std::optional<std::string>> parse_log_parameters(std::string_view detail);

}  // namespace poolgauge
