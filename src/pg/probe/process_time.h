// CPU time of a server on this machine, from /proc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace poolgauge {

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
