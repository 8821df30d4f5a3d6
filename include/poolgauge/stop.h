// Asking a run to finish from outside its threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace poolgauge {

/// Set once, from a signal handler or another thread; read by every worker at least each 100 ms.
class StopFlag {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

/// What a progress line shows; a copy of some recent instant.
struct Progress {
  double elapsed_s = 0;  ///< since the load began, warm-up included
  double total_s = 0;    ///< planned, warm-up included
  bool warming_up = true;
  double throughput_per_s = 0;  ///< of the last finished second
  double latency_p95_ms = 0;    ///< of the last finished second; 0: none completed
  std::uint64_t completed = 0, failed = 0, pool_timeouts = 0;
  std::uint32_t checked_out = 0, waiting = 0;
  std::int64_t capacity = 0;  ///< -1: unlimited
  /// Statements of ours that the server works on, at the latest look; nothing before the first.
  std::optional<double> server_active;
};

}  // namespace poolgauge
