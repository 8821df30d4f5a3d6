// Watching the pooler of a live run: one look at its admin console each second.
#pragma once

#include <thread>

#include "pg/live_alarm.h"
#include "poolgauge/live.h"
#include "poolgauge/measurement.h"

namespace poolgauge {

/// Samples from `begin` to `begin + length`, unless joined before.
class PoolerThread {
 public:
  PoolerThread(const PoolerAddress& pooler, TimePoint begin, Duration length)
      : pooler_(pooler), begin_(begin), length_(length), thread_([this] { work(); }) {}
  ~PoolerThread() { join(); }
  PoolerThread(const PoolerThread&) = delete;
  PoolerThread& operator=(const PoolerThread&) = delete;
  void join() {
    alarm_.end();
    if (thread_.joinable()) thread_.join();
  }
  /// After join().
  const PoolerView& view() const { return view_; }

 private:
  void work();

  const PoolerAddress pooler_;
  const TimePoint begin_;
  const Duration length_;
  Alarm alarm_;
  PoolerView view_;
  std::thread thread_;
};

}  // namespace poolgauge
