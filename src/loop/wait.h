// Waiting: one coroutine and one wake-up; the first reason counts.
#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>

#include "loop/loop.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Why a wait ended.
enum class WakeReason : std::uint8_t {
  done,      ///< what was waited for came
  deadline,  ///< the waiter's own deadline passed
  stop,      ///< the run ends
};

/// A place where at most one coroutine waits. The first wake() counts, later ones do nothing.
class Wait {
 public:
  explicit Wait(Loop& loop) : loop_(&loop) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  bool waiting() const { return static_cast<bool>(waiter_); }
  void wake(WakeReason why = WakeReason::done) {
    if (!waiter_) return;
    why_ = why;
    loop_->post(std::exchange(waiter_, {}));
  }
  void suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  WakeReason why() const { return why_; }
  void set_why(WakeReason why) { why_ = why; }

 private:
  Loop* loop_;
  std::coroutine_handle<> waiter_;
  WakeReason why_ = WakeReason::done;
};

/// `co_await sleep_until(loop, t)`: no deadline, no stop; for the loop's own housekeeping.
class SleepUntil {
 public:
  SleepUntil(Loop& loop, TimePoint at) : loop_(loop), at_(at), timer_(at_fire) {}
  bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    timer_.sleeper = self;
    timer_.loop = &loop_;
    loop_.arm(timer_, at_);
  }
  void await_resume() noexcept {}

 private:
  struct SleepTimer : Timer {
    explicit SleepTimer(Fire fire) : Timer(fire) {}
    std::coroutine_handle<> sleeper;
    Loop* loop = nullptr;
  };
  static void at_fire(Timer& timer) {
    auto& self = static_cast<SleepTimer&>(timer);
    self.loop->post(self.sleeper);
  }
  Loop& loop_;
  TimePoint at_;
  SleepTimer timer_;
};
inline SleepUntil sleep_until(Loop& loop, TimePoint at) {
  return SleepUntil(loop, at);
}

}  // namespace poolgauge
