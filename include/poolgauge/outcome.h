// Outcomes: the classes in which every failure is counted exactly once.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace poolgauge {

/// Where in a request's life it failed.
enum class Phase : std::uint8_t { checkout, connect, begin, step, commit, deadline };

/// What kind of failure. `none` is success.
enum class FailureClass : std::uint8_t {
  none,
  pool_timeout,          ///< no connection within the pool's own limit
  pool_overloaded,       ///< the pool refused to queue it
  connection_refused,    ///< nothing listens there, or no route
  backlog_full,          ///< the server listens, but its listen backlog was full
  connect_timeout,       ///< the server did not answer in time
  tls,                   ///< no encryption, or not what sslmode requires
  authentication,        ///< 28xxx: wrong password, no such role, pg_hba
  too_many_connections,  ///< 53300
  server_shutdown,       ///< 57P01, 57P02
  server_starting,       ///< 57P03
  pooler_refused,        ///< PgBouncer's own limits: its clients, its waits, its rules
  connect_error,         ///< any other failed connect
  connection_lost,       ///< an established connection broke
  statement_timeout,     ///< 57014
  lock_timeout,          ///< 55P03
  serialization,         ///< 40001
  deadlock,              ///< 40P01
  disk_full,             ///< 53100; SQLITE_FULL
  out_of_memory,         ///< 53200, of the server
  server_limit,          ///< 53400 and 53000: a limit of its configuration
  sql_error,             ///< any other error of a statement
  database_busy,         ///< SQLITE_BUSY: another connection holds the lock that is needed
  database_locked,       ///< SQLITE_LOCKED: the same within one shared cache
  io_error,              ///< SQLITE_IOERR
  corrupt,               ///< SQLITE_CORRUPT, SQLITE_NOTADB
  script_error,          ///< a pgbench script's \set, \if, \sleep, or \gset failed
  deadline,              ///< the request's own deadline passed
  stopped,               ///< the run ended; never counted as a failure
};

/// Five characters and a terminator; empty where no SQLSTATE applies. Of SQLite its extended result
/// code in digits.
using SqlState = std::array<char, 6>;

/// Success or a failure class with its SQLSTATE. The text stays with the session that saw it. One
/// machine word: seven bytes would be copied in two halves that overlap, and read back slowly.
struct alignas(8) Outcome {
  FailureClass failure = FailureClass::none;
  SqlState sqlstate{};

  bool ok() const { return failure == FailureClass::none; }
};

/// The names used in reports: "checkout", "pool_timeout", ...
std::string_view name_of(Phase phase);
std::string_view name_of(FailureClass failure);
/// The class of an SQLSTATE that a server sent for a statement or a connect. `message`: PgBouncer
/// has one SQLSTATE for all its errors, so only their text identifies them.
FailureClass classify_sqlstate(std::string_view sqlstate, std::string_view message = {});

}  // namespace poolgauge
