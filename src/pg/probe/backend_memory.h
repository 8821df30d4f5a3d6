// Memory of the backends of the load, read from /proc a few times during a run.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "pg/session/control_connection.h"
#include "poolgauge/backend_memory.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Sizes of one process in MiB.
struct ProcessMemory {
  double pss = 0, own = 0, page_tables = 0;
};
/// From the texts of /proc/PID/smaps_rollup and /proc/PID/status; nullopt: the first is no such
/// text. Kernels before 5.9 do not tell what of the PSS is shared memory; there `own` is what the
/// process does not share.
std::optional<ProcessMemory> parse_process_memory(std::string_view rollup, std::string_view status);

/// When a process began, in seconds since 1970, from the texts of /proc/PID/stat and /proc/stat;
/// nullopt where they do not tell.
std::optional<double> process_start_s(std::string_view stat, std::string_view machine_stat);

/// Three readings in a window, each of at most 8 processes and for at most 10 ms. Not for the
/// measured path: it queries the server for its backends.
class BackendMemoryWatch {
 public:
  /// `load_name`: as ServerProbe has it. `window`: how long it is planned to be.
  BackendMemoryWatch(std::string load_name, Duration window)
      : load_name_(std::move(load_name)), window_(window) {}
  /// Looks if one of the moments has come; else it returns false at once. `passed`: since the
  /// window's begin.
  bool look(ControlConnection& connection, Duration passed);
  /// The means, or why there are none.
  BackendMemory result() const;

 private:
  enum class Trouble : std::uint8_t { none, no_backend, hidden, elsewhere, denied, no_rollup };
  Trouble read_all(ControlConnection& connection);
  Trouble read_one(pid_t pid, double began_s);

  const std::string load_name_;
  const Duration window_;
  std::size_t moments_ = 0;  // that have come
  BackendMemory sums_;
  Trouble trouble_ = Trouble::no_backend;
};

}  // namespace poolgauge
