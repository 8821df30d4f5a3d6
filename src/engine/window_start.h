// When the warm-up ends and the window starts: at a planned time, or once the load is in steady
// state. Shared by the threads of a run; touched once a second, never by a request.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "poolgauge/scenario.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// The most that an automatic warm-up takes: as long as the window, but 30 s at least.
Duration longest_warmup(const Scenario& scenario);

class WindowStart {
 public:
  /// `start`: when the load begins; `threads`: how many will tell.
  WindowStart(const Scenario& scenario, TimePoint start, unsigned threads);
  WindowStart(const WindowStart&) = delete;
  WindowStart& operator=(const WindowStart&) = delete;

  bool automatic() const { return automatic_; }
  /// nullopt until it is decided. Decided at least a second ahead.
  std::optional<TimePoint> begin() const;
  /// Not later than this.
  TimePoint latest() const { return latest_; }
  /// Automatic, and the load was steady when it was decided.
  bool steady() const { return steady_.load(); }

  /// Reports second number `second` (from 0) of the load, as one thread saw it: requests completed,
  /// and the 95th percentile of their latency. Each thread reports each second once, in order.
  void tell(std::size_t second, std::uint64_t completed, Duration p95);

 private:
  struct Second {
    unsigned told = 0;
    double completed = 0;
    double p95_sum = 0;  ///< weighted with the threads' requests
  };
  void judge(std::size_t known);

  const bool automatic_;
  const TimePoint start_;
  const TimePoint latest_;
  const unsigned threads_;
  std::atomic<std::int64_t> begin_ns_;  ///< negative: not decided
  std::atomic<bool> steady_{false};
  std::mutex mutex_;
  std::vector<Second> seconds_;
};

}  // namespace poolgauge
