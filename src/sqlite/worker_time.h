// Real time with worker threads: the loop sleeps until a timer is due or a thread has finished a
// blocking call.
#pragma once

#include <pthread.h>

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "loop/time_driver.h"

namespace poolgauge::sqlite {

/// Work that blocks: run() on one of the worker threads, then finished() on the loop's. Whoever
/// submits it again does so after finished().
class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;
  virtual void run() = 0;
  /// Called from within pass(): may delete the job, wake a Wait, and do nothing else.
  virtual void finished() = 0;

 private:
  friend class WorkerTime;
  // Start-time fair queueing: the CPU time that its flow has used, never behind the queue's own.
  Duration start_{0};
  Duration finish_{0};
  std::uint64_t order_ = 0;
};

/// The TimeDriver of one loop and the threads that block for it (docs/decisions/0014). Threads come
/// and go in one order only: as many as cores compute at a time, further ones only while others
/// sleep for a lock or wait for the disk. No two loops share a thread or a lock.
class WorkerTime final : public TimeDriver {
 public:
  /// `at_once`: how many jobs compute at a time, at least 1.
  explicit WorkerTime(unsigned at_once);
  /// Runs what is submitted to its end; nothing may wait for it any more.
  ~WorkerTime() override;
  WorkerTime(const WorkerTime&) = delete;
  WorkerTime& operator=(const WorkerTime&) = delete;

  TimePoint now() override;
  void pass(TimePoint until) override;
  Duration processor_time() override;
  Duration run_queue_time() override;
  bool is_real() const override { return true; }

  /// False when the system gave no thread for it.
  bool ok() const { return !workers_.empty(); }

  /// The loop's thread: runs it soon, in the order of the CPU time used so far.
  void submit(Job& job);

  /// A job that waits for a lock sleeps here, and lets another one compute meanwhile. Returns early
  /// once `interrupted()` is true and wake_sleepers() was called; false then.
  template <typename Interrupted>
  bool idle_for(Duration time, const Interrupted& interrupted) {
    const TimePoint until = now() + time;
    begin_sleep();
    while (!interrupted() && wait_asleep(until)) {
    }
    end_sleep();
    return !interrupted();
  }
  /// Any thread: every sleeping job looks whether it was interrupted.
  void wake_sleepers();

  /// CPU time that all workers have used together.
  Duration worker_time() const;
  /// The most threads that there were.
  std::size_t threads() const { return workers_.size(); }

 private:
  struct Worker {
    Worker();
    ~Worker();
    pthread_cond_t bell;
    Job* job = nullptr;  ///< handed over by whoever woke it
    std::int64_t cpu_ns = 0;
    std::thread thread;
  };
  static bool later(const Job* a, const Job* b);
  void work(Worker& self);
  void queue(Job& job);
  Job* take_first();
  void hand_over_all();
  bool start_first();
  bool add_worker();
  void finish(Job& job, Worker& self, Duration used);
  bool wait_for_done(TimePoint until);
  void run_finished();
  void begin_sleep();
  void end_sleep();
  bool wait_asleep(TimePoint until);

  const unsigned at_once_;
  std::vector<Job*> fresh_;     // submitted in this turn of the loop; its thread's own
  std::vector<Job*> finished_;  // the same: what it takes from done_
  std::size_t open_jobs_ = 0;   // the same: submitted, finished() not called
  mutable pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  // Below: under the mutex.
  pthread_cond_t done_bell_;
  pthread_cond_t sleep_bell_;
  std::vector<Job*> todo_;  // a heap
  std::vector<Job*> done_;
  std::vector<Worker*> parked_;  // the latest first: its caches are warm
  std::vector<std::unique_ptr<Worker>> workers_;
  Duration virtual_time_{0};
  std::uint64_t submitted_ = 0;
  std::uint64_t taken_ = 0;  // jobs that a worker has begun
  unsigned computing_ = 0;
  bool loop_sleeps_ = false;
  bool ends_ = false;
};

/// The monotonic clock, for this world's code outside any loop.
TimePoint monotonic_now();

}  // namespace poolgauge::sqlite
