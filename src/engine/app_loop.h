// The event loop of an emulated application process, where it has one: a single processor that
// takes what is ready in rounds.
#pragma once

#include <coroutine>
#include <vector>

#include "loop/loop.h"
#include "loop/patience.h"

namespace poolgauge {

/// Why it matters: in one round of an asyncio loop several connections can come back. Each wakes a
/// waiter for the next round, and each releaser asks again in that round too, so a releaser finds
/// the connection that was meant for a waiter further back, who then goes to the end of the line.
/// How many returns share a round depends on how long a round takes: on the processor time that the
/// application spends for each task it resumes.
///
/// What becomes ready while a round is under way waits for the next one. The next round runs first
/// what the last one called for, then what arrived meanwhile (asyncio/base_events.py _run_once). An
/// idle loop sleeps in whole milliseconds, rounded up, so timers come late and those of one
/// millisecond together (selectors.py EpollSelector). The processor time is not spent, only waited
/// for. With no cost everything passes through at once.
class AppLoop {
 public:
  /// `task`: processor time of resuming a task up to its next wait; `callback`: of a bare callback.
  struct Costs {
    Duration task{0};
    Duration callback{0};
  };
  AppLoop(Loop& loop, const StopList& stops, Costs costs);
  ~AppLoop() { loop_.cancel(timer_); }
  AppLoop(const AppLoop&) = delete;
  AppLoop& operator=(const AppLoop&) = delete;

  bool passes_through() const { return costs_.task <= Duration::zero(); }

  /// Calls call(argument) in the next round, as asyncio's call_soon.
  void call_soon(void (*call)(void*), void* argument);

  /// See resumed() and timer_due().
  class Turn {
   public:
    Turn(AppLoop& app, bool by_timer) : app_(app), by_timer_(by_timer) {}
    bool await_ready() const { return app_.passes_through() || app_.flushing(); }
    void await_suspend(std::coroutine_handle<> self) {
      self_ = self;
      app_.arrive({noted, this, app_.costs_.callback}, by_timer_);
    }
    void await_resume() noexcept {}

   private:
    static void noted(void* turn) {
      AppLoop& app = static_cast<Turn*>(turn)->app_;
      app.soon_.push_back({resume, turn, app.costs_.task});
    }
    static void resume(void* turn) {
      auto& self = *static_cast<Turn*>(turn);
      self.app_.loop_.post(self.self_);
    }
    AppLoop& app_;
    bool by_timer_;
    std::coroutine_handle<> self_;
  };
  /// `co_await app.resumed()`: what the task waited for has come: the callback that notes it in
  /// one round, the task's own step in the round after.
  Turn resumed() { return Turn(*this, false); }
  /// The same for a timer of the application.
  Turn timer_due() { return Turn(*this, true); }

 private:
  struct Entry {
    void (*call)(void*);
    void* argument;
    Duration cost;
  };
  void arrive(const Entry& entry, bool by_timer);
  void begin_round();
  void take_up(const Entry& entry);
  void step();
  void go_on();
  bool flushing() const { return stops_.level() != StopList::Level::none; }

  struct StepTimer : Timer {
    StepTimer(Fire fire, AppLoop& a) : Timer(fire), app(a) {}
    AppLoop& app;
  };
  static void at_step(Timer& timer) { static_cast<StepTimer&>(timer).app.step(); }

  Loop& loop_;
  const StopList& stops_;
  Costs costs_;
  std::vector<Entry> soon_;     // called for by the round under way
  std::vector<Entry> arrived_;  // from outside, since the round began
  std::vector<Entry> round_;
  std::size_t next_ = 0;  // in the round
  bool running_ = false;
  bool sleeping_ = false;  // until the timer that begins the next round
  TimePoint free_at_{};    // when the present entry's processor time is over
  StepTimer timer_;
};

}  // namespace poolgauge
