// The server's own counters, and its CPU time where it is on this machine.
#pragma once

#include <sys/types.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/session/control_connection.h"
#include "poolgauge/measurement.h"

namespace poolgauge {

/// The counters at one instant. What this server or this user's rights do not give is absent.
struct ServerCounters {
  ServerView::Counters database;
  ServerView::Counters checkpoints;
  std::map<std::string, ServerView::Statement> statements;  ///< by user and query id
};

class CounterReader {
 public:
  /// Looks for what this server has. The connection outlives the reader.
  explicit CounterReader(ControlConnection& connection);
  ServerCounters read();

 private:
  ControlConnection& connection_;
  std::string statements_;  ///< the query for pg_stat_statements; empty: it is not there
};

/// Adds what was counted from `before` to `after`. A counter that went backwards was reset: it is
/// omitted.
void add_difference(ServerView& view, const ServerCounters& before, const ServerCounters& after);

// CPU time of a server on this machine, from /proc.

/// The processes that `pid` started and that run, or wait to be reaped.
std::vector<pid_t> children_of(pid_t pid);

/// When a process began, in seconds after its machine did, from the text of /proc/PID/stat;
/// nullopt for what is no such text.
std::optional<double> seconds_after_boot(std::string_view stat);

/// The server that one of its backends belongs to. Only where that process is one of this machine:
/// what the kernel calls it must say postgres, its parent must be there, and it must be young, as
/// the backend of a connection that was just made is. (Another machine's backend may have the
/// number of a process here.)
class ServerProcesses {
 public:
  static std::optional<ServerProcesses> of_backend(pid_t backend);

  /// User and system time of the postmaster, of all that it started and that ended, and of those
  /// that run, since they began; in seconds. Nothing when they cannot be read.
  std::optional<double> cpu_s() const;
  /// Of the backend alone.
  std::optional<double> backend_cpu_s() const;

 private:
  ServerProcesses(pid_t backend, pid_t postmaster) : backend_(backend), postmaster_(postmaster) {}
  pid_t backend_;
  pid_t postmaster_;
};

}  // namespace poolgauge
