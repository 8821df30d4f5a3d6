// Asking a run to finish from outside its threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace poolgauge {

/// Set from a signal handler or another thread; read by every worker at least each 100 ms. It may
/// be asked more than once: from the second time on nothing is waited for out of politeness.
class StopFlag {
 public:
  StopFlag() = default;
  /// For what only the `times`-th request of `other` shall end: until then it was not asked, then
  /// once, and so on. `other` outlives it.
  StopFlag(const StopFlag& other, unsigned times) : other_(&other), times_(times) {}

  void request() { requests_.fetch_add(1, std::memory_order_relaxed); }
  bool requested() const { return requests() > 0; }
  /// How often.
  unsigned requests() const {
    const unsigned own = requests_.load(std::memory_order_relaxed);
    const unsigned others = other_ != nullptr ? other_->requests() : 0;
    return own + (others >= times_ ? others - times_ + 1 : 0);
  }

 private:
  std::atomic<unsigned> requests_{0};
  const StopFlag* other_ = nullptr;
  unsigned times_ = 1;
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
