// Timers by time: a four-ary heap of pointers, so that canceling and moving one costs O(log n).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "poolgauge/time.h"

namespace poolgauge {

/// A one-shot timer. A member of its owner, which must cancel it before it is destroyed; must not
/// move while armed.
class Timer {
 public:
  using Fire = void (*)(Timer&);
  explicit Timer(Fire fire) : fire_(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return index_ != kIdle; }
  TimePoint at() const { return at_; }

 private:
  friend class TimerHeap;
  static constexpr std::size_t kIdle = static_cast<std::size_t>(-1);
  TimePoint at_{};
  std::size_t index_ = kIdle;
  Fire fire_;
};

/// Timers of equal time fire in the order in which they were armed.
class TimerHeap {
 public:
  bool empty() const { return heap_.empty(); }
  TimePoint next() const { return heap_.empty() ? kNever : heap_.front().at; }
  /// Arms it, or moves it when it is armed already (it then counts as armed last).
  void arm(Timer& timer, TimePoint at);
  void cancel(Timer& timer);
  /// Fires the first timer if it is due at `now`; false when none is.
  bool fire_one(TimePoint now);

 private:
  struct Entry {
    TimePoint at;
    std::uint64_t order;
    Timer* timer;
    bool before(const Entry& o) const { return at != o.at ? at < o.at : order < o.order; }
  };
  void place(std::size_t index, const Entry& entry);
  void sift_up(std::size_t index, const Entry& entry);
  void sift_down(std::size_t index, const Entry& entry);
  void move(std::size_t index, const Entry& entry);
  void remove_at(std::size_t index);

  std::vector<Entry> heap_;
  std::uint64_t armed_count_ = 0;
};

}  // namespace poolgauge
