// The event loop both worlds share: a ready queue, timers, and a driver that lets time pass.
#pragma once

#include <coroutine>
#include <cstddef>
#include <vector>

#include "loop/time_driver.h"
#include "loop/timer_heap.h"

namespace poolgauge {

/// First in, first out, in a ring that grows and never shrinks.
class ReadyQueue {
 public:
  struct Entry {
    void (*run)(void*);
    void* argument;
  };
  ReadyQueue() : ring_(256) {}
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  void push(Entry entry) {
    if (count_ == ring_.size()) grow();
    ring_[(first_ + count_++) & (ring_.size() - 1)] = entry;
  }
  Entry pop() {
    const Entry entry = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --count_;
    return entry;
  }

  void prefetch_first() const {
    constexpr int kFrame = 512;  // most of any
    constexpr int kLine = 64;
    const char* frame = static_cast<const char*>(ring_[first_].argument);
    for (int at = 0; at < kFrame; at += kLine) __builtin_prefetch(frame + at);
  }

 private:
  void grow();
  std::vector<Entry> ring_;  // size is a power of two
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

/// Single-threaded. Only the loop resumes coroutines (docs/coroutines.md).
class Loop {
 public:
  explicit Loop(TimeDriver& driver) : driver_(driver) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The time at which the present task was resumed: a turn takes some microseconds, and reading
  /// the clock for each of its steps would be too slow.
  TimePoint now() {
    if (!running_) return driver_.now();
    if (!now_is_known_) now_ = driver_.now();
    now_is_known_ = true;
    return now_;
  }

  /// Resumes `coroutine` after everything posted before it.
  void post(std::coroutine_handle<> coroutine) {
    ready_.push({[](void* frame) { std::coroutine_handle<>::from_address(frame).resume(); },
                 coroutine.address()});
  }
  /// Calls call(argument) in the same queue.
  void post(void (*call)(void*), void* argument) { ready_.push({call, argument}); }

  /// Calls call(argument) once nothing is ready any more: after every task that is running now, and
  /// everything it does without waiting. First in, first out.
  void post_later(void (*call)(void*), void* argument) { later_.push({call, argument}); }

  void arm(Timer& timer, TimePoint at) { timers_.arm(timer, at); }
  void cancel(Timer& timer) { timers_.cancel(timer); }

  /// Runs until `live` is zero: the number of root tasks that have not ended (see Scope).
  /// A simulated world with live tasks and nothing to wait for is a broken invariant.
  void run(const std::size_t& live);

  std::uint64_t resumes() const { return resumes_; }

 private:
  void run_ready();
  void run(const ReadyQueue::Entry& entry);
  void take_turn();

  TimeDriver& driver_;
  bool running_ = false;
  bool now_is_known_ = false;
  TimePoint now_{};
  ReadyQueue ready_;
  ReadyQueue later_;
  TimerHeap timers_;
  std::uint64_t resumes_ = 0;
};

}  // namespace poolgauge
