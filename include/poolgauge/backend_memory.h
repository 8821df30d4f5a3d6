// What a connection costs the server in memory.
#pragma once

#include <cstdint>
#include <string>

namespace poolgauge {

/// Memory of the server processes behind the load's connections, read from /proc of this machine a
/// few times in the window. Sizes in MiB, means of all readings but for `own_max`.
/// `readings == 0`: not measured; then `note` says why.
struct BackendMemory {
  std::uint32_t looks = 0;     ///< times in the window at which it was read
  std::uint32_t readings = 0;  ///< of single processes, over all of these times
  double pss = 0;              ///< proportional set size, with a share of the shared memory
  double own = 0;              ///< pss without shared memory: what one more connection adds
  double own_max = 0;          ///< the largest reading
  double page_tables = 0;      ///< of one process; kept by the kernel, in no set size
  std::string note;

  bool seen() const { return readings > 0; }
  /// What one more connection takes in addition to the server's shared memory.
  double per_connection() const { return own + page_tables; }
};

}  // namespace poolgauge
