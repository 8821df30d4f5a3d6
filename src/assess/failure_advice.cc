// The words for each failure class, and the search for the class that matters.
#include "assess/sentences.h"

#include <cstdint>

namespace poolgauge {

std::string meaning_of(FailureClass failure) {
  switch (failure) {
    case FailureClass::none: return "no failure";
    case FailureClass::pool_timeout: return "no connection became free within the pool timeout";
    case FailureClass::pool_overloaded: return "the pool's queue was full";
    case FailureClass::connection_refused: return "nothing accepts connections at the target";
    case FailureClass::backlog_full: return "the server's listen backlog was full";
    case FailureClass::tls: return "no encrypted connection could be established";
    case FailureClass::pooler_refused:
      return "the pooler rejected the client because of one of its limits";
    case FailureClass::connect_timeout:
      return "the server did not respond to the connection attempt in time";
    case FailureClass::authentication: return "the server rejected this role's login";
    case FailureClass::too_many_connections: return "the server had no free connection slot";
    case FailureClass::server_shutdown: return "the server was shutting down";
    case FailureClass::server_starting: return "the server was starting up";
    case FailureClass::connect_error: return "the connection attempt failed";
    case FailureClass::connection_lost: return "an established connection broke";
    case FailureClass::statement_timeout: return "a statement exceeded its time limit";
    case FailureClass::lock_timeout: return "a lock was not granted in time";
    case FailureClass::serialization: return "the transaction conflicted with a concurrent one";
    case FailureClass::deadlock: return "transactions waited for each other";
    case FailureClass::disk_full: return "the server's disk is full";
    case FailureClass::out_of_memory: return "the server ran out of memory";
    case FailureClass::server_limit: return "a limit of the server's configuration was reached";
    case FailureClass::sql_error: return "the server rejected a statement";
    case FailureClass::database_busy: return "another connection held the database's lock";
    case FailureClass::database_locked:
      return "another connection of the shared cache held a table's lock";
    case FailureClass::io_error: return "the disk or the file system reported an error";
    case FailureClass::corrupt: return "the file is damaged, or is no SQLite database";
    case FailureClass::script_error: return "a command in a pgbench script failed";
    case FailureClass::deadline: return "their own deadline passed";
    case FailureClass::stopped: return "the run ended before the request finished";
  }
  return "";
}

std::string cure_of(FailureClass failure) {
  switch (failure) {
    case FailureClass::none:
    case FailureClass::stopped: return "";
    case FailureClass::pool_timeout:
      return "use a larger pool, or hold connections for a shorter time; a longer timeout only "
             "lengthens the queue";
    case FailureClass::pool_overloaded:
      return "use a larger pool, or allow a longer wait queue in the pool's options";
    case FailureClass::connection_refused:
      return "check that the server is running and that host and port are correct";
    case FailureClass::backlog_full:
      return "open fewer connections at once; the backlog is limited by net.core.somaxconn and the "
             "server's max_connections";
    case FailureClass::tls: return "check sslmode and the certificates on both sides";
    case FailureClass::pooler_refused:
      return "raise the limit named in the message in pgbouncer.ini, or reduce the load on the "
             "pooler";
    case FailureClass::connect_timeout:
      return "check the network path to the server, and how many connections are opened at once";
    case FailureClass::authentication:
      return "check the user, the password, and the target's pg_hba.conf";
    case FailureClass::too_many_connections:
      return "use smaller pools, a higher max_connections, or a pooler";
    case FailureClass::server_shutdown:
    case FailureClass::server_starting:
    case FailureClass::connection_lost: return "check the server's log, then measure again";
    case FailureClass::connect_error: return "check the message above and the server's log";
    case FailureClass::statement_timeout:
      return "make the statement faster, or raise statement_timeout";
    case FailureClass::lock_timeout:
    case FailureClass::deadlock:
      return "shorten transactions and take locks in the same order everywhere";
    case FailureClass::serialization:
      return "retry in the application, or use a weaker isolation level";
    case FailureClass::disk_full:
      return "free space on the server's disk (data, temporary files, write-ahead log), then "
             "measure again";
    case FailureClass::out_of_memory:
      return "lower work_mem or the number of connections, or give the server more memory";
    case FailureClass::server_limit: return "raise the setting named in the message";
    case FailureClass::sql_error: return "correct the statement that fails";
    case FailureClass::database_busy:
      return "keep write transactions short, begin them with BEGIN IMMEDIATE, use journal_mode = "
             "wal, and set busy_timeout";
    case FailureClass::database_locked: return "use a file instead of a shared cache in memory";
    case FailureClass::io_error: return "check the disk and the system's log";
    case FailureClass::corrupt: return "check the file with PRAGMA integrity_check";
    case FailureClass::script_error: return "correct the line of the script named in the message";
    case FailureClass::deadline:
      return "check below where the time goes, or allow a longer deadline";
  }
  return "";
}

namespace {

std::string most_frequent_state(std::span<const FailureCount> failures, FailureClass failure) {
  const FailureCount* most = nullptr;
  for (const FailureCount& each : failures) {
    if (each.failure == failure && (most == nullptr || each.count > most->count)) most = &each;
  }
  return most == nullptr ? "" : most->sqlstate;
}

}  // namespace

std::string cure_of(std::span<const FailureCount> failures, FailureClass failure) {
  std::uint64_t of_prepared = 0;
  std::uint64_t others = 0;
  for (const FailureCount& each : failures) {
    if (each.failure != failure) continue;
    const bool prepared = each.sqlstate == "42P05" || each.sqlstate == "26000";
    (prepared ? of_prepared : others) += each.count;
  }
  if (failure != FailureClass::sql_error) return cure_of(failure);
  if (of_prepared <= others) {
    const std::string state = most_frequent_state(failures, failure);
    return state.empty() ? cure_of(failure)
                         : "correct the statement that fails with " +
                               std::string(state.size() < 5 ? "result code " : "SQLSTATE ") + state;
  }
  return "prepared statements remain on the server connections that a pooler shares between "
         "clients: send them unprepared (\"protocol\": \"extended\" or \"simple\"), or use session "
         "mode, or PgBouncer 1.21 or later with max_prepared_statements above 0";
}

FailureClass most_frequent_class(std::span<const FailureCount> failures) {
  FailureClass best = FailureClass::none;
  std::uint64_t best_count = 0;
  for (const FailureCount& candidate : failures) {
    std::uint64_t sum = 0;
    for (const FailureCount& failure : failures) {
      if (failure.failure == candidate.failure) sum += failure.count;
    }
    if (sum > best_count) {
      best_count = sum;
      best = candidate.failure;
    }
  }
  return best;
}

std::string example_of(std::span<const FailureCount> failures, FailureClass failure) {
  for (const FailureCount& candidate : failures) {
    if (candidate.failure == failure && !candidate.example.empty()) return candidate.example;
  }
  return "";
}

}  // namespace poolgauge
