// bench_core [NAME...]: what the core costs, one line per workload: median, best and worst of nine
// runs, in processor time of this thread, so that a busy machine distorts it little.
#include <ctime>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "engine/logs.h"
#include "loop/patience.h"
#include "loop/scope.h"
#include "loop/wait.h"
#include "poolgauge/histogram.h"
#include "poolgauge/simulate.h"
#include "sim/virtual_time.h"

namespace poolgauge {
namespace {

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// What one run did, and in how much processor time.
struct Sample {
  double count = 0;
  double seconds = 0;
};

Task<> ping_pong(Loop& loop, Wait& mine, Wait& other, StopList& stops, int rounds) {
  Patience patience(loop, stops);
  for (int i = 0; i < rounds; ++i) {
    other.wake();
    if (i + 1 < rounds) co_await patience.on(mine);
  }
  other.wake();
}

Sample resume() {
  constexpr int kRounds = 1'000'000;
  VirtualTime time;
  Loop loop(time);
  Scope scope(loop);
  StopList stops;
  Wait a(loop);
  Wait b(loop);
  const double began = thread_seconds();
  scope.spawn(ping_pong(loop, a, b, stops, kRounds));
  scope.spawn(ping_pong(loop, b, a, stops, kRounds));
  loop.run(scope.live());
  return {static_cast<double>(loop.resumes()), thread_seconds() - began};
}

Sample record() {
  constexpr int kValues = 5'000'000;
  Rng rng(1);
  std::vector<Duration> values(4096);
  for (Duration& value : values) value = from_ms(0.05 + rng.exponential() * 5);
  Histogram histogram;
  const double began = thread_seconds();
  for (int i = 0; i < kValues; ++i) histogram.record(values[static_cast<std::size_t>(i) & 4095]);
  const double seconds = thread_seconds() - began;
  return {static_cast<double>(histogram.count()), seconds};
}

/// Fifteen requests under way, completed at random.
Sample gaps() {
  constexpr int kRequests = 5'000'000;
  constexpr std::uint32_t kUnderWay = 15;
  Rng rng(1);
  std::vector<Duration> lengths(4096);
  for (Duration& length : lengths) length = from_ms(rng.exponential() * 0.2);
  TimePoint now{};
  GapLog log(now);
  for (std::uint32_t i = 0; i < kUnderWay; ++i) log.began(now);
  const double began = thread_seconds();
  for (int i = 0; i < kRequests; ++i) {
    now += lengths[(std::size_t{7919} * static_cast<std::size_t>(i)) & 4095];
    log.completed(now);
    log.began(now);
  }
  const double seconds = thread_seconds() - began;
  return {log.take(now).known ? double{kRequests} : 0, seconds};
}

Scenario one_statement(std::uint32_t users, std::int64_t pool_size, TransactionMode mode) {
  Scenario scenario;
  RequestSpec request;
  request.name = "r";
  request.transaction = mode;
  Step step;
  step.name = "select";
  step.sql.text = "SELECT 1";
  request.steps.push_back(step);
  scenario.requests.push_back(request);
  scenario.load = ClosedLoad{users, FixedDuration{}};
  scenario.duration = std::chrono::seconds(40);
  scenario.deployment.pool.kind = "sqlalchemy-async";
  scenario.deployment.pool.set("pool_size", pool_size);
  scenario.deployment.pool.set("max_overflow", std::int64_t{0});
  scenario.deployment.pool.set("task_time", Duration{0});
  return scenario;
}

Sample simulate_requests(const Scenario& scenario) {
  const StopFlag stop;
  const double began = thread_seconds();
  const Measurement measured = simulate(scenario, ServerProfile{}, 1, stop);
  return {static_cast<double>(measured.requests.completed), thread_seconds() - began};
}

Sample simulate_statement() {
  return simulate_requests(one_statement(100, 20, TransactionMode::none));
}
Sample simulate_transaction() {
  return simulate_requests(one_statement(100, 20, TransactionMode::read_write));
}

/// With the emulated event loop of the application, which serves some 1,200 of these a second.
Sample simulate_application() {
  Scenario scenario = one_statement(100, 20, TransactionMode::read_write);
  scenario.deployment.pool.set("task_time", Duration(std::chrono::microseconds(110)));
  scenario.duration = std::chrono::seconds(400);
  return simulate_requests(scenario);
}

struct Workload {
  std::string_view name;
  std::string_view unit;
  Sample (*run)();
  bool per_second;
};

constexpr std::array kWorkloads{
    Workload{"resume", "ns per resumed coroutine", resume, false},
    Workload{"record", "ns per histogram record", record, false},
    Workload{"gaps", "ns per request in the log of gaps", gaps, false},
    Workload{"simulate", "million simulated requests/s, 100 users on 20 connections",
             simulate_statement, true},
    Workload{"simulate-txn", "million simulated transactions/s with BEGIN and COMMIT",
             simulate_transaction, true},
    Workload{"simulate-app", "the same behind an emulated asyncio loop", simulate_application,
             true},
};

void bench(const Workload& workload) {
  std::vector<double> figures;
  for (int run = 0; run < 9; ++run) {
    const Sample sample = workload.run();
    figures.push_back(workload.per_second ? sample.count / sample.seconds / 1e6
                                          : sample.seconds / sample.count * 1e9);
  }
  std::sort(figures.begin(), figures.end());
  std::printf("%-14s %9.2f  (%.2f .. %.2f)  %.*s\n", workload.name.data(), figures[4],
              figures.front(), figures.back(), static_cast<int>(workload.unit.size()),
              workload.unit.data());
}

}  // namespace
}  // namespace poolgauge

int main(int argc, char** argv) {
  for (const poolgauge::Workload& workload : poolgauge::kWorkloads) {
    const bool wanted = argc < 2 || std::any_of(argv + 1, argv + argc, [&](const char* name) {
                          return workload.name == name;
                        });
    if (wanted) poolgauge::bench(workload);
  }
}
