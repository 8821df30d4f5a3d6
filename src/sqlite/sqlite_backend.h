// A SQLite database behind the engine's second seam: connections whose calls run on worker threads.
#pragma once

#include <memory>
#include <vector>

#include "engine/backend.h"
#include "sqlite/connection.h"
#include "sqlite/worker_time.h"

namespace poolgauge::sqlite {

/// One for each loop.
class SqliteBackend final : public Backend {
 public:
  /// All outlive it; `counters` and what is in `settings` also outlive `time`, on whose threads the
  /// last connections are closed.
  SqliteBackend(WorkerTime& time, const Scenario& scenario, const Settings& settings,
                const std::vector<Binding>& bindings, Counters& counters);
  Task<Connected> connect(ConnId conn, Patience& patience) override;

  WorkerTime& time() { return time_; }
  const Habits& habits() const { return settings_.habits; }

 private:
  WorkerTime& time_;
  const Settings& settings_;
  const std::vector<Binding>& bindings_;
  Counters& counters_;
  std::size_t steps_;
};

/// A job that a coroutine waits for.
class AwaitedJob : public Job {
 public:
  void finished() override {
    done_ = true;
    if (wait_ != nullptr) wait_->wake();
  }
  void begin(Wait& wait) {
    done_ = false;
    wait_ = &wait;
  }
  bool done() const { return done_; }

  /// `co_await job.ended(wait)`: to its end, whatever the deadline or the stop say.
  struct Ended {
    const AwaitedJob& job;
    Wait& wait;
    Ended(const AwaitedJob& j, Wait& w) : job(j), wait(w) {}
    bool await_ready() const { return job.done(); }
    void await_suspend(std::coroutine_handle<> self) { wait.suspend(self); }
    void await_resume() const {}
  };
  Ended ended(Wait& wait) const { return Ended(*this, wait); }

 private:
  Wait* wait_ = nullptr;
  bool done_ = false;
};

}  // namespace poolgauge::sqlite
