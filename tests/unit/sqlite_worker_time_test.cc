// Worker threads: who runs when, and that nothing is lost.
#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "loop/loop.h"
#include "loop/scope.h"
#include "sqlite/sqlite_backend.h"
#include "sqlite/worker_time.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

using sqlite::AwaitedJob;
using sqlite::WorkerTime;

struct TestJob final : AwaitedJob {
  explicit TestJob(std::function<void()> w) : work(std::move(w)) {}
  void run() override { work(); }
  std::function<void()> work;
};

Task<> run_job(WorkerTime& time, Loop& loop, TestJob& job, std::function<void()> then) {
  Wait wait(loop);
  job.begin(wait);
  time.submit(job);
  co_await job.ended(wait);
  if (then) then();
}

struct WorkerWorld {
  explicit WorkerWorld(unsigned at_once) : time(at_once) { REQUIRE(time.ok()); }
  void start(TestJob& job, std::function<void()> then = {}) {
    scope.spawn(run_job(time, loop, job, std::move(then)));
  }
  void run() { loop.run(scope.live()); }
  WorkerTime time;
  Loop loop{time};
  Scope scope{loop};
};

/// What one job waits for and another gives.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    bell_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    bell_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool open_ = false;
};

TEST_CASE("jobs run beside the loop, which goes on when they have ended", "[sqlite]") {
  WorkerWorld world(2);
  const std::thread::id own = std::this_thread::get_id();
  std::atomic<int> ran{0};
  int went_on = 0;
  std::vector<std::unique_ptr<TestJob>> jobs;
  for (int i = 0; i < 100; ++i) {
    jobs.push_back(std::make_unique<TestJob>(
        [&] { CHECK_NOTHROW(std::this_thread::get_id() != own ? ++ran : throw 1); }));
    world.start(*jobs.back(), [&] {
      if (std::this_thread::get_id() == own) ++went_on;
    });
  }
  world.run();
  CHECK(ran == 100);
  CHECK(went_on == 100);
  CHECK(world.time.worker_time() > 0ns);
}

TEST_CASE("one at a time compute, in the order of the CPU time that they have used", "[sqlite]") {
  WorkerWorld world(1);
  std::vector<int> order;
  Gate all_there;
  TestJob first([&] { all_there.pass(); });
  std::atomic<std::uint64_t> sum{0};
  TestJob busy([&] {
    order.push_back(1);
    for (std::uint64_t i = 0; i < 3000000; ++i) sum += i;
  });
  TestJob brief([&] { order.push_back(2); });
  // The busy one has used much: of two that come together the other goes first.
  world.start(busy, [&] {
    world.start(first);
    world.start(busy);
    world.start(brief);
    all_there.open();
  });
  world.run();
  REQUIRE(order.size() == 3);
  CHECK(order[0] == 1);
  CHECK(order[1] == 2);
  CHECK(order[2] == 1);
}

TEST_CASE("who sleeps for a lock lets another one compute", "[sqlite]") {
  WorkerWorld world(1);
  std::atomic<bool> interrupted{false};
  std::atomic<bool> slept_on{true};
  TestJob sleeper([&] {
    slept_on = world.time.idle_for(std::chrono::hours(1), [&] { return interrupted.load(); });
  });
  TestJob other([] {});
  world.start(sleeper);
  world.start(other, [&] {
    interrupted = true;
    world.time.wake_sleepers();
  });
  world.run();
  CHECK_FALSE(slept_on);
  CHECK(world.time.idle_for(1ms, [] { return false; }));  // to its end
}

TEST_CASE("who waits for the disk does not keep others from computing for long", "[sqlite]") {
  WorkerWorld world(1);
  Gate gate;
  TestJob waits([&] { gate.pass(); });
  TestJob opens([&] { gate.open(); });
  world.start(waits);
  world.start(opens);
  world.run();  // ends only if the second one ran during the first
  CHECK(world.time.threads() == 2);
}

TEST_CASE("what is submitted last is still done", "[sqlite]") {
  struct Last final : sqlite::Job {
    explicit Last(std::atomic<int>& c) : count(c) {}
    void run() override { ++count; }
    void finished() override { delete this; }
    std::atomic<int>& count;
  };
  std::atomic<int> done{0};
  {
    WorkerTime time(1);
    for (int i = 0; i < 5; ++i) time.submit(*new Last(done));
  }
  CHECK(done == 5);
}

}  // namespace
