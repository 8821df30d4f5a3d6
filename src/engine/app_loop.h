// The event loop of an emulated application process, where it has one: a single processor that
// takes what is ready in rounds.
#pragma once

#include <coroutine>
#include <vector>

#include "base/rng.h"
#include "engine/backend.h"
#include "loop/loop.h"
#include "loop/patience.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge {

/// Why it matters: a connection that comes back wakes a waiter for the next round. A task that
/// acquires in the same round, a little earlier, looks at the pool in the next round before that
/// waiter, and takes the connection; the waiter goes to the back of the queue. How often that
/// happens depends on how much happens in a round: on the CPU time the application spends for each
/// task.
///
/// What becomes ready while a round is under way waits for the next one. The next round runs first
/// what the last one called for, then what arrived over sockets, then the timers that are due
/// (asyncio/base_events.py _run_once). An idle loop sleeps in whole milliseconds, rounded up, so
/// timers come late and those of one millisecond together (selectors.py EpollSelector), or behind
/// the answer that ended the sleep: a user whose think time is over asks right after the task that
/// returns a connection, before the waiter it woke. That is how most waiters lose their turn.
///
/// Closing is a task of its own (SQLAlchemy shields it): commit's answer, the round of that task,
/// in which the connection comes back, a callback, and only then the caller's next step.
///
/// The CPU time is not spent, only waited for. With none everything passes through at once.
class AppLoop {
 public:
  using Costs = LoopCosts;
  /// `seed`: single times vary around their mean, as measured.
  AppLoop(Loop& loop, const StopList& stops, Costs costs, std::uint64_t seed);
  ~AppLoop() { loop_.cancel(timer_); }
  AppLoop(const AppLoop&) = delete;
  AppLoop& operator=(const AppLoop&) = delete;

  bool passes_through() const { return costs_.granted <= Duration::zero(); }
  /// Where false a wait for a turn need not even be made: its caller's frame stays smaller in
  /// cache.
  bool takes_turns() const { return !passes_through(); }

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
    Turn(AppLoop& app, Source source, Duration callback, Duration task)
        : app_(app), source_(source), callback_(callback), task_(task) {}
    bool await_ready() const { return app_.passes_through() || app_.flushing(); }
    void await_suspend(std::coroutine_handle<> self) {
      self_ = self;
      app_.arrive({noted, this, callback_}, source_);
    }
    void await_resume() noexcept {}

   private:
    static void noted(void* turn) {
      Turn& self = *static_cast<Turn*>(turn);
      self.app_.soon_.push_back({resume, turn, self.task_});
    }
    static void resume(void* turn) {
      auto& self = *static_cast<Turn*>(turn);
      self.app_.loop_.post(self.self_);
    }
    AppLoop& app_;
    Source source_;
    Duration callback_;
    Duration task_;
    std::coroutine_handle<> self_;
  };
  /// The first step of a task that was created in this round: comes in the next.
  class NewTask {
   public:
    NewTask(AppLoop& app, Duration task) : app_(app), task_(task) {}
    bool await_ready() const { return app_.passes_through() || app_.flushing(); }
    void await_suspend(std::coroutine_handle<> self) {
      self_ = self;
      app_.arrive({resume, this, task_}, Source::inside);
    }
    void await_resume() noexcept {}

   private:
    static void resume(void* task) {
      auto& self = *static_cast<NewTask*>(task);
      self.app_.loop_.post(self.self_);
    }
    AppLoop& app_;
    Duration task_;
    std::coroutine_handle<> self_;
  };
  /// A request has come in over a socket.
  Turn requested() { return Turn(*this, Source::outside, costs_.read, costs_.closed); }
  /// A user's think time is over; asks.
  Turn thought() { return Turn(*this, Source::timer, costs_.callback, costs_.closed); }
  /// One step of setting a connection up.
  Turn connecting() { return Turn(*this, Source::outside, costs_.read, costs_.connecting); }
  /// An exchange was answered.
  Turn answered(Exchange::Kind kind) {
    const Duration step = kind == Exchange::Kind::begin         ? costs_.begun
                          : kind == Exchange::Kind::commit      ? costs_.committed
                          : kind == Exchange::Kind::reset_query ? costs_.reset
                                                                : costs_.stepped;
    return Turn(*this, Source::outside, costs_.read, step);
  }
  /// A timer of the application is due.
  Turn timer_due() { return Turn(*this, Source::timer, costs_.callback, costs_.timer); }
  /// The task that reads the pool's queue has its connection.
  Turn granted() { return Turn(*this, Source::inside, costs_.callback, costs_.granted); }
  /// The pool gave up on the task that reads its queue.
  Turn refused() { return Turn(*this, Source::timer, costs_.callback, costs_.refused); }
  /// In the task that closes: what follows releases the connection.
  NewTask closing() { return NewTask(*this, costs_.closing); }
  /// The closing task has ended and its caller goes on.
  Turn closed() { return Turn(*this, Source::inside, costs_.callback, costs_.closed); }

 private:
  struct Entry {
    void (*call)(void*);
    void* argument;
    Duration cost;
  };
  void arrive(const Entry& entry, Source source);
  void begin_round();
  void take_up(const Entry& entry);
  Duration varied(Duration mean);
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
  Rng rng_;
  std::vector<Entry> soon_;     // called for by the round in progress
  std::vector<Entry> arrived_;  // from outside, since the round began
  std::vector<Entry> due_;      // timers, likewise
  std::vector<Entry> round_;
  std::size_t next_ = 0;  // in the round
  bool running_ = false;
  bool sleeping_ = false;  // until the timer that begins the next round
  TimePoint free_at_{};    // when the present entry's CPU time is over
  StepTimer timer_;
};

}  // namespace poolgauge
