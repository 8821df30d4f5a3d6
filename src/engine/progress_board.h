// What one worker thread publishes while it runs: a few numbers, written ten times a second.
#pragma once

#include <atomic>
#include <cstdint>

namespace poolgauge {

/// Written by one thread, read by another; each number on its own, none depends on another.
struct alignas(64) ProgressBoard {
  std::atomic<std::uint64_t> completed{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> pool_timeouts{0};
  std::atomic<std::uint64_t> lacks_resources{0};  ///< failures of SQLSTATE class 53
  std::atomic<std::uint32_t> checked_out{0};
  std::atomic<std::uint32_t> waiting{0};
  std::atomic<double> recent_per_s{0};   ///< of the last finished second
  std::atomic<double> recent_p95_ms{0};  ///< of the last finished second
};

}  // namespace poolgauge
