// Patience: what ends the waits of one virtual user (or pool task): its deadline, or the end of the
// run.
#pragma once

#include <coroutine>
#include <cstddef>

#include "loop/loop.h"
#include "loop/wait.h"
#include "poolgauge/time.h"

namespace poolgauge {

class Patience;

/// All that must be notified of the end of the run. One per loop.
class StopList {
 public:
  StopList() = default;
  StopList(const StopList&) = delete;
  StopList& operator=(const StopList&) = delete;

  enum class Level { none, gentle, firm };
  /// Gentle: waits for connections, holds and think times end; statements in progress may finish.
  void stop_gently();
  /// Firm: every wait ends.
  void stop_firmly();
  Level level() const { return level_; }

 private:
  friend class Patience;
  void interrupt_all();
  Level level_ = Level::none;
  Patience* first_ = nullptr;
};

/// One at a time, one wait at a time. The deadline costs nothing while it is not reached: its timer
/// is left armed from request to request and re-armed only when it fires early.
class Patience {
 public:
  Patience(Loop& loop, StopList& stops);
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  /// kNever: none.
  void set_deadline(TimePoint deadline);
  TimePoint deadline() const { return deadline_; }
  /// The present wait ends as if the deadline had passed; later ones are not affected.
  void disturb() { interrupt(WakeReason::deadline); }
  /// Every wait ends as if the deadline had passed, whatever deadline is set afterwards.
  void cancel();
  /// The run ends, at least gently.
  bool stopped() const { return stops_.level() != StopList::Level::none; }
  Loop& loop() { return loop_; }

  /// `co_await patience.on(wait)`: until wait.wake(), the deadline, or the end of the run.
  class On {
   public:
    On(Patience& patience, Wait& wait, bool statement)
        : patience_(patience), wait_(wait), statement_(statement) {}
    bool await_ready();
    void await_suspend(std::coroutine_handle<> self) {
      patience_.current_ = &wait_;
      patience_.current_is_statement_ = statement_;
      wait_.suspend(self);
    }
    WakeReason await_resume() {
      patience_.current_ = nullptr;
      return wait_.why();
    }

   private:
    Patience& patience_;
    Wait& wait_;
    bool statement_;
  };
  On on(Wait& wait) { return On(*this, wait, false); }
  /// The same for an answer of the server: a gentle stop does not interrupt it.
  On on_statement(Wait& wait) { return On(*this, wait, true); }

  /// `co_await patience.sleep_until(t)`: done, or why not.
  class Sleep {
   public:
    Sleep(Patience& patience, TimePoint at);
    ~Sleep() = default;
    Sleep(const Sleep&) = delete;
    Sleep& operator=(const Sleep&) = delete;
    bool await_ready() { return on_.await_ready(); }
    void await_suspend(std::coroutine_handle<> self);
    WakeReason await_resume();

   private:
    struct WakeTimer : Timer {
      WakeTimer(Fire fire, Wait& w) : Timer(fire), wait(w) {}
      Wait& wait;
    };
    static void at_fire(Timer& timer) { static_cast<WakeTimer&>(timer).wait.wake(); }
    Patience& patience_;
    TimePoint at_;
    Wait wait_;
    WakeTimer timer_;
    On on_;
  };
  Sleep sleep_until(TimePoint at) { return Sleep(*this, at); }

  /// For waits that are not coroutines of their own (a pool's waiters): the present waiter.
  void enter(Wait& wait) {
    current_ = &wait;
    current_is_statement_ = false;
  }
  void leave() { current_ = nullptr; }
  /// Why waiting must end, or done.
  WakeReason verdict(bool statement) const;

 private:
  friend class StopList;
  struct DeadlineTimer : Timer {
    DeadlineTimer(Fire fire, Patience& p) : Timer(fire), patience(p) {}
    Patience& patience;
  };
  static void at_deadline(Timer& timer);
  void interrupt(WakeReason why);

  Loop& loop_;
  StopList& stops_;
  Patience* previous_ = nullptr;
  Patience* next_ = nullptr;
  TimePoint deadline_ = kNever;
  DeadlineTimer timer_;
  Wait* current_ = nullptr;
  bool current_is_statement_ = false;
  bool expired_ = false;
  bool cancelled_ = false;
};

}  // namespace poolgauge
