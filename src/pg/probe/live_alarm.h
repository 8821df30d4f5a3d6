// Interruptible sleep for the threads of a live run.
#pragma once

#include <condition_variable>
#include <mutex>

#include "pg/session/epoll_time.h"
#include "poolgauge/stop.h"

namespace poolgauge {

class Alarm {
 public:
  /// False when told to end.
  bool sleep_until(TimePoint at) {
    std::unique_lock lock(mutex_);
    const Duration left = at - monotonic_now();
    if (left > Duration::zero()) {
      bell_.wait_for(lock, left, [this] { return ending_.requested(); });
    }
    return !ending_.requested();
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ending_.request();
      ending_.request();  // nobody waits for the running query any more
    }
    bell_.notify_all();
  }
  /// For waits of another kind.
  const StopFlag& ending() const { return ending_; }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  StopFlag ending_;
};

}  // namespace poolgauge
