// Processor sharing: the cores of a modeled server, divided equally among what runs on them.
#pragma once

#include <cstdint>
#include <vector>

#include "loop/patience.h"
#include "loop/wait.h"

namespace poolgauge {

/// Egalitarian processor sharing by virtual service: every job receives service at the same rate,
/// min(1, cores / jobs) or what a measured curve says for so many jobs, so the order of completion
/// is known on arrival and one heap keyed by the service level at which a job ends is enough: O(log
/// n) per event.
class SharedCores {
 public:
  SharedCores(Loop& loop, unsigned cores);
  /// With the speed of each of n jobs, by n - 1; more share what the last ones have together.
  SharedCores(Loop& loop, unsigned cores, std::vector<double> speed);
  ~SharedCores() { loop_.cancel(timer_); }
  SharedCores(const SharedCores&) = delete;
  SharedCores& operator=(const SharedCores&) = delete;

  /// `co_await cores.work(amount, delay, patience)`: until `amount` of CPU time was received
  /// and then `delay` has passed, which uses no core.
  class Work;
  Work work(Duration amount, Duration delay, Patience& patience);
  std::size_t jobs() const { return jobs_.size(); }

 private:
  struct Job {
    double ends_at_level;  // ns of service
    std::uint64_t order;
    Work* work;
    bool after(const Job& o) const {
      return ends_at_level != o.ends_at_level ? ends_at_level > o.ends_at_level : order > o.order;
    }
  };
  void advance(TimePoint now);
  void arm(TimePoint now);
  void add(Duration amount, Work& work);
  void remove(const Work& work);
  void count_jobs();

  struct NextTimer : Timer {
    NextTimer(Fire fire, SharedCores& c) : Timer(fire), cores(c) {}
    SharedCores& cores;
  };
  static void at_next(Timer& timer);

  Loop& loop_;
  double cores_;
  std::vector<double> speed_;  // empty: by cores
  double rate_ = 1;            // of each job, among those that there are
  double level_ = 0;
  TimePoint updated_{};
  std::uint64_t submitted_ = 0;
  std::vector<Job> jobs_;  // a heap: the job that ends first in front
  NextTimer timer_;
};

class SharedCores::Work {
 public:
  Work(SharedCores& cores, Duration amount, Duration delay, Patience& patience)
      : cores_(cores),
        amount_(amount),
        delay_(delay),
        wait_(patience.loop()),
        after_(at_after, wait_),
        on_(patience, wait_, true) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  bool await_ready() { return on_.await_ready(); }
  void await_suspend(std::coroutine_handle<> self) {
    cores_.add(amount_, *this);
    on_.await_suspend(self);
  }
  WakeReason await_resume() {
    const WakeReason why = on_.await_resume();
    if (why == WakeReason::done) return why;
    cores_.loop_.cancel(after_);
    cores_.remove(*this);
    return why;
  }

 private:
  friend class SharedCores;
  struct AfterTimer : Timer {
    AfterTimer(Fire fire, Wait& w) : Timer(fire), wait(w) {}
    Wait& wait;
  };
  static void at_after(Timer& timer) { static_cast<AfterTimer&>(timer).wait.wake(); }
  // The work is done; what is left is the delay.
  void worked(TimePoint now) {
    if (delay_ > Duration::zero()) {
      cores_.loop_.arm(after_, now + delay_);
    } else {
      wait_.wake();
    }
  }

  SharedCores& cores_;
  Duration amount_;
  Duration delay_;
  Wait wait_;
  AfterTimer after_;
  Patience::On on_;
};

inline SharedCores::Work SharedCores::work(Duration amount, Duration delay, Patience& patience) {
  return Work(*this, amount, delay, patience);
}

}  // namespace poolgauge
