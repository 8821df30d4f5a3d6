// One mutex for each loop: a worker takes it once for each job, the loop once for each turn.
#include "sqlite/worker_time.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <system_error>
#include <utility>

namespace poolgauge::sqlite {

namespace {

/// A job that has not ended for so long waits for the disk, or is long: others may go on.
constexpr Duration kStuckAfter = std::chrono::microseconds(500);

class Lock {
 public:
  explicit Lock(pthread_mutex_t& mutex) : mutex_(mutex) { pthread_mutex_lock(&mutex_); }
  ~Lock() { pthread_mutex_unlock(&mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

Duration read_clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return Duration{static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec};
}

timespec timespec_of(TimePoint at) {
  const std::int64_t ns = std::max<std::int64_t>(0, at.time_since_epoch().count());
  timespec t{};
  t.tv_sec = static_cast<time_t>(ns / 1'000'000'000);
  t.tv_nsec = static_cast<long>(ns % 1'000'000'000);
  return t;
}

void make_bell(pthread_cond_t& bell) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&bell, &attributes);
  pthread_condattr_destroy(&attributes);
}

}  // namespace

TimePoint monotonic_now() {
  return TimePoint{read_clock(CLOCK_MONOTONIC)};
}

WorkerTime::Worker::Worker() {
  make_bell(bell);
}

WorkerTime::Worker::~Worker() {
  pthread_cond_destroy(&bell);
}

WorkerTime::WorkerTime(unsigned at_once) : at_once_(std::max(1U, at_once)) {
  make_bell(done_bell_);
  make_bell(sleep_bell_);
  const Lock lock(mutex_);
  add_worker();
}

WorkerTime::~WorkerTime() {
  for (;;) {
    {
      const Lock lock(mutex_);
      hand_over_all();
      if (open_jobs_ == 0) break;
      if (done_.empty()) wait_for_done(kNever);
      finished_.swap(done_);
    }
    run_finished();
  }
  {
    const Lock lock(mutex_);
    ends_ = true;
    for (Worker* worker : parked_) pthread_cond_signal(&worker->bell);
  }
  for (auto& worker : workers_) worker->thread.join();
  pthread_cond_destroy(&done_bell_);
  pthread_cond_destroy(&sleep_bell_);
  pthread_mutex_destroy(&mutex_);
}

TimePoint WorkerTime::now() {
  return monotonic_now();
}

Duration WorkerTime::processor_time() {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

// The kernel's scheduling statistics: processor time, time in the run queue, number of turns.
Duration WorkerTime::run_queue_time() {
  std::FILE* file = std::fopen("/proc/thread-self/schedstat", "re");
  if (file == nullptr) return Duration{0};
  long long running = 0;
  long long waiting = 0;
  const int read = std::fscanf(file, "%lld %lld", &running, &waiting);
  std::fclose(file);
  return Duration{read == 2 ? waiting : 0};
}

Duration WorkerTime::worker_time() const {
  const Lock lock(mutex_);
  std::int64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->cpu_ns;
  return Duration{sum};
}

void WorkerTime::submit(Job& job) {
  fresh_.push_back(&job);
}

bool WorkerTime::later(const Job* a, const Job* b) {
  return a->start_ != b->start_ ? a->start_ > b->start_ : a->order_ > b->order_;
}

void WorkerTime::queue(Job& job) {
  job.start_ = std::max(job.finish_, virtual_time_);
  job.order_ = submitted_++;
  todo_.push_back(&job);
  std::push_heap(todo_.begin(), todo_.end(), later);
}

Job* WorkerTime::take_first() {
  std::pop_heap(todo_.begin(), todo_.end(), later);
  Job* job = todo_.back();
  todo_.pop_back();
  virtual_time_ = std::max(virtual_time_, job->start_);
  ++computing_;
  ++taken_;
  return job;
}

void WorkerTime::hand_over_all() {
  open_jobs_ += fresh_.size();
  for (Job* job : fresh_) queue(*job);
  fresh_.clear();
  while (!todo_.empty() && computing_ < at_once_ && start_first()) {
  }
}

/// One more worker begins the first job; false: there is none, the job waits for one that is busy.
bool WorkerTime::start_first() {
  if (parked_.empty() && !add_worker()) return false;
  Worker& worker = *parked_.back();
  parked_.pop_back();
  worker.job = take_first();
  pthread_cond_signal(&worker.bell);
  return true;
}

/// Parked; it comes to its bell later.
bool WorkerTime::add_worker() {
  workers_.push_back(std::make_unique<Worker>());
  Worker& worker = *workers_.back();
  try {
    worker.thread = std::thread([this, &worker] { work(worker); });
  } catch (const std::system_error&) {
    workers_.pop_back();
    return false;
  }
  parked_.push_back(&worker);
  return true;
}

void WorkerTime::work(Worker& self) {
  Duration used = read_clock(CLOCK_THREAD_CPUTIME_ID);
  pthread_mutex_lock(&mutex_);
  for (;;) {
    while (self.job == nullptr && !ends_) pthread_cond_wait(&self.bell, &mutex_);
    if (self.job == nullptr) break;
    Job& job = *std::exchange(self.job, nullptr);
    pthread_mutex_unlock(&mutex_);
    job.run();
    const Duration now_used = read_clock(CLOCK_THREAD_CPUTIME_ID);
    pthread_mutex_lock(&mutex_);
    finish(job, self, now_used - used);
    used = now_used;
    if (!todo_.empty() && computing_ < at_once_) {
      self.job = take_first();
    } else {
      parked_.push_back(&self);
    }
  }
  pthread_mutex_unlock(&mutex_);
}

void WorkerTime::finish(Job& job, Worker& self, Duration used) {
  --computing_;
  self.cpu_ns += used.count();
  job.finish_ = job.start_ + used;
  done_.push_back(&job);
  if (std::exchange(loop_sleeps_, false)) pthread_cond_signal(&done_bell_);
}

/// False when the time is over.
bool WorkerTime::wait_for_done(TimePoint until) {
  loop_sleeps_ = true;
  int result = 0;
  if (until == kNever) {
    result = pthread_cond_wait(&done_bell_, &mutex_);
  } else {
    const timespec at = timespec_of(until);
    result = pthread_cond_timedwait(&done_bell_, &mutex_, &at);
  }
  loop_sleeps_ = false;
  return result == 0;
}

// While jobs wait for a worker, it looks again soon: where none was begun meanwhile, those at work
// do not compute.
void WorkerTime::pass(TimePoint until) {
  {
    const Lock lock(mutex_);
    hand_over_all();
    TimePoint at{};
    while (done_.empty()) {
      at = now();
      if (until <= at) break;
      const bool queued = !todo_.empty();
      const std::uint64_t taken = taken_;
      const TimePoint look = at + kStuckAfter;
      const bool rung = wait_for_done(queued && look < until ? look : until);
      if (queued && !rung && !todo_.empty() && taken == taken_) start_first();
    }
    finished_.swap(done_);
  }
  run_finished();
}

void WorkerTime::run_finished() {
  open_jobs_ -= finished_.size();
  for (Job* job : finished_) job->finished();
  finished_.clear();
}

void WorkerTime::begin_sleep() {
  pthread_mutex_lock(&mutex_);
  --computing_;
  if (!todo_.empty() && computing_ < at_once_) start_first();
}

void WorkerTime::end_sleep() {
  ++computing_;
  pthread_mutex_unlock(&mutex_);
}

bool WorkerTime::wait_asleep(TimePoint until) {
  const timespec at = timespec_of(until);
  return pthread_cond_timedwait(&sleep_bell_, &mutex_, &at) == 0;
}

void WorkerTime::wake_sleepers() {
  const Lock lock(mutex_);
  pthread_cond_broadcast(&sleep_bell_);
}

}  // namespace poolgauge::sqlite
