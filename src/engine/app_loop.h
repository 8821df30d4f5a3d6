// The event loop of an emulated application process, where it has one: a single processor that
// takes what is ready in rounds.
#pragma once

#include <coroutine>
#include <vector>

#include "loop/loop.h"
#include "loop/patience.h"

namespace poolgauge {

/// Why it matters: a connection that comes back wakes a waiter for the next round. A task that
/// asks in the same round, a little earlier, looks at the pool in the next round before that
/// waiter, and takes the connection; the waiter goes to the end of the line. How often that happens
/// depends on how much happens in a round: on the processor time the application spends for each
/// task.
///
/// What becomes ready while a round is under way waits for the next one. The next round runs first
/// what the last one called for, then what arrived meanwhile (asyncio/base_events.py _run_once). An
/// idle loop sleeps in whole milliseconds, rounded up, so timers come late and those of one
/// millisecond together (selectors.py EpollSelector).
///
/// The processor time is not spent, only waited for. With none everything passes through at once.
class AppLoop {
 public:
  /// Processor times: of a task's step up to its next wait; of a callback that passes something on.
  struct Costs {
    Duration task{0};
    Duration callback{0};
  };
  static Costs costs_for(Duration task) { return {task, task / 4}; }
  AppLoop(Loop& loop, const StopList& stops, Costs costs);
  ~AppLoop() { loop_.cancel(timer_); }
  AppLoop(const AppLoop&) = delete;
  AppLoop& operator=(const AppLoop&) = delete;

  bool passes_through() const { return costs_.task <= Duration::zero(); }

  /// Calls call(argument) in the next round, as asyncio's call_soon.
  void call_soon(void (*call)(void*), void* argument);

  /// How often a task is resumed while library and dialect set a connection up: counted on
  /// SQLAlchemy 1.4 with asyncpg.
  static constexpr int kConnectSteps = 18;
  enum class Source { outside, timer, inside };
  /// A wait for one's turn: the callback that notes it in the next round, the task's step in the
  /// round after. See the functions below.
  class Turn {
   public:
    Turn(AppLoop& app, Source source) : app_(app), source_(source) {}
    bool await_ready() const { return app_.passes_through() || app_.flushing(); }
    void await_suspend(std::coroutine_handle<> self) {
      self_ = self;
      app_.arrive({noted, this, app_.costs_.callback}, source_);
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
    Source source_;
    std::coroutine_handle<> self_;
  };
  /// An answer or a request has come in over a socket.
  Turn resumed() { return Turn(*this, Source::outside); }
  /// A timer of the application is due.
  Turn timer_due() { return Turn(*this, Source::timer); }
  /// The task that reads the pool's queue has its connection.
  Turn granted() { return Turn(*this, Source::inside); }

 private:
  struct Entry {
    void (*call)(void*);
    void* argument;
    Duration cost;
  };
  void arrive(const Entry& entry, Source source);
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
