// Processor sharing against sums done by hand.
#include "sim/shared_cores.h"

#include <vector>

#include "loop/scope.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"
#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

struct CoresWorld {
  explicit CoresWorld(unsigned cores_) : cores(loop, cores_) {}
  VirtualTime time;
  Loop loop{time};
  Scope scope{loop};
  StopList stops;
  SharedCores cores;
  std::vector<double> ended_ms = std::vector<double>(10, -1);
  std::vector<WakeReason> why = std::vector<WakeReason>(10, WakeReason::done);
  void run() { loop.run(scope.live()); }
};

struct Job {
  std::size_t name;
  Duration start;
  Duration amount;
  Duration deadline{-1};
  Duration delay{0};
};
Task<> work(CoresWorld& world, Job job) {
  const TimePoint start(job.start);
  co_await SleepUntil(world.loop, start);
  Patience patience(world.loop, world.stops);
  if (job.deadline > Duration::zero()) patience.set_deadline(TimePoint{job.deadline});
  world.why[job.name] = co_await world.cores.work(job.amount, job.delay, patience);
  world.ended_ms[job.name] = to_ms(world.loop.now().time_since_epoch());
}
void run_jobs(CoresWorld& world, const std::vector<Job>& jobs) {
  for (const Job& job : jobs) world.scope.spawn(work(world, job));
  world.run();
  CHECK(world.cores.jobs() == 0);
}

TEST_CASE("as many jobs as cores run at full speed", "[cores]") {
  CoresWorld world(2);
  run_jobs(world, {{0, 0ms, 10ms}, {1, 5ms, 10ms}});
  CHECK(world.ended_ms[0] == 10);
  CHECK(world.ended_ms[1] == 15);
}

TEST_CASE("one core shared by two and then by one", "[cores]") {
  // Alone until 4 ms (4 done), then half speed: the second needs 3 ms, done at 10; the first has 7
  // done then and needs 3 more alone.
  CoresWorld world(1);
  run_jobs(world, {{0, 0ms, 10ms}, {1, 4ms, 3ms}});
  CHECK(world.ended_ms[1] == 10);
  CHECK(world.ended_ms[0] == 13);
}

TEST_CASE("three equal jobs on two cores end together", "[cores]") {
  CoresWorld world(2);
  run_jobs(world, {{0, 0ms, 6ms}, {1, 0ms, 6ms}, {2, 0ms, 6ms}});
  for (std::size_t i = 0; i < 3; ++i) CHECK(world.ended_ms[i] == Approx(9).epsilon(1e-9));
}

TEST_CASE("a job that is given up frees its share", "[cores]") {
  // Half speed until 4 ms: both have 2 done. Then the other has 8 ms left, alone.
  CoresWorld world(1);
  run_jobs(world, {{0, 0ms, 10ms}, {1, 0ms, 50ms, 4ms}});
  CHECK(world.why[1] == WakeReason::deadline);
  CHECK(world.ended_ms[1] == 4);
  CHECK(world.ended_ms[0] == 12);
  CHECK(world.why[0] == WakeReason::done);
}

TEST_CASE("the cores can be idle in between", "[cores]") {
  CoresWorld world(1);
  run_jobs(world, {{0, 0ms, 1ms}, {1, 100ms, 2ms}, {2, 200ms, 3ms}});
  CHECK(world.ended_ms[0] == 1);
  CHECK(world.ended_ms[1] == 102);
  CHECK(world.ended_ms[2] == 203);
}

TEST_CASE("a job of a nanosecond ends", "[cores]") {
  CoresWorld world(3);
  run_jobs(world, {{0, 0ms, 1ns}, {1, 0ms, 1ns}, {2, 0ms, 1ns}, {3, 0ms, 1ns}, {4, 0ms, 1s}});
  CHECK(world.ended_ms[3] <= 0.000003);
  CHECK(world.ended_ms[4] == Approx(1000.000001).margin(0.000003));
}

TEST_CASE("pg_sleep with a literal is a delay", "[cores]") {
  CHECK(literal_sleep("SELECT pg_sleep(0.25)") == 250ms);
  CHECK(literal_sleep("SELECT pg_sleep( 2 ) FROM t") == 2s);
  CHECK(literal_sleep("SELECT pg_sleep($1)") == 0s);
  CHECK(literal_sleep("SELECT pg_sleep(-1)") == 0s);
  CHECK(literal_sleep("SELECT pg_sleep(1e9)") == 0s);
  CHECK(literal_sleep("SELECT pg_sleep(") == 0s);
  CHECK(literal_sleep("SELECT 1") == 0s);
}

}  // namespace
}  // namespace poolgauge
