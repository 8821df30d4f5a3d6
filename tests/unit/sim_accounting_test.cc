// Every request in exactly one bucket, whatever the load, the pool, the faults and the moment of
// the interruption. The engine CHECKs its own books in every run; here they are compared with the
// schedule.
#include "engine/faulty_backend.h"
#include "engine/trial.h"
#include "random_pools.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"
#include "sim_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// Virtual time in which somebody presses Ctrl-C.
class InterruptedTime final : public TimeDriver {
 public:
  InterruptedTime(TimePoint when, StopFlag& stop) : when_(when), stop_(stop) {}
  TimePoint now() override { return inner_.now(); }
  void pass(TimePoint until) override {
    inner_.pass(until);
    if (inner_.now() >= when_) stop_.request();
  }

 private:
  VirtualTime inner_;
  TimePoint when_;
  StopFlag& stop_;
};

FaultPlan random_faults(Rng& rng) {
  FaultPlan plan;
  const auto often = [&rng] { return rng.uniform_int(0, 1) == 0 ? 0.0 : rng.uniform() * 0.2; };
  plan.connect_refused = often();
  plan.connect_slow = often();
  plan.slow_connect = some_ms(rng, 1, 400);
  plan.broken = often() / 4;
  plan.sql_error = often();
  if (rng.uniform_int(0, 2) == 0) {
    const TimePoint from{some_ms(rng, 0, 1500)};
    plan.down = {{from, from + some_ms(rng, 1, 800)}};
  }
  return plan;
}

Step random_step(Rng& rng) {
  switch (rng.uniform_int(0, 3)) {
    case 0: return timed_step(StepKind::hold, FixedDuration{some_ms(rng, 0, 30)});
    case 1: return timed_step(StepKind::pause, FixedDuration{some_ms(rng, 0, 30)});
    default: return sql_step("SELECT 1");
  }
}

Scenario random_scenario(Rng& rng) {
  Scenario scenario;
  const std::int64_t requests = rng.uniform_int(1, 3);
  for (std::int64_t i = 0; i < requests; ++i) {
    RequestSpec request;
    request.name = "request " + std::to_string(i);
    for (std::int64_t steps = rng.uniform_int(1, 4); steps > 0; --steps) {
      request.steps.push_back(random_step(rng));
    }
    const bool pauses = std::any_of(request.steps.begin(), request.steps.end(),
                                    [](const Step& s) { return s.kind == StepKind::pause; });
    if (!pauses && rng.uniform_int(0, 1) == 0) request.transaction = TransactionMode::read_write;
    scenario.requests.push_back(std::move(request));
  }
  const auto kinds = pool_kinds();
  const auto last = static_cast<std::int64_t>(kinds.size()) - 1;
  static_cast<PoolSpec&>(scenario.deployment.pool) =
      random_pool(*kinds[static_cast<std::size_t>(rng.uniform_int(0, last))], rng);
  scenario.deployment.processes = static_cast<std::uint32_t>(rng.uniform_int(1, 3));
  scenario.warmup = some_ms(rng, 0, 600);
  scenario.duration = some_ms(rng, 100, 1800);
  if (rng.uniform_int(0, 1) == 0) scenario.deadline = some_ms(rng, 1, 200);
  return scenario;
}

/// How many requests of the schedule are due from `from` until `to`; for loads that have one.
std::uint64_t due_between(const Load& load, Duration from, Duration to) {
  std::uint64_t count = 0;
  if (const auto* open = std::get_if<OpenLoad>(&load)) {
    for (std::uint64_t i = 0;; ++i) {
      const Duration due = from_s(static_cast<double>(i) / open->rate_per_s);
      if (due >= to) return count;
      if (due >= from) ++count;
    }
  }
  const auto& burst = std::get<BurstLoad>(load);
  for (Duration due{0}; due < to; due += burst.every) {
    if (due >= from) count += burst.size;
  }
  return count;
}

Measurement run(const Scenario& scenario, const FaultPlan& plan, std::uint64_t seed,
                TimePoint interrupted) {
  StopFlag stop;
  InterruptedTime time(interrupted, stop);
  Loop loop(time);
  SimBackend server(loop, scenario, ServerProfile{}, seed);
  FaultyBackend faulty(server, plan, seed);
  const Backends backends(scenario.deployment.pool_count(), &faulty);
  Trial trial(scenario, loop, time, backends, Shard{}, seed, TimePoint{}, nullptr);
  return trial.run(stop);  // which CHECKs its own books
}

void check_samples(const Measurement& m) {
  std::uint64_t failed = 0;
  for (const RequestSample& sample : m.samples) {
    if (sample.why == RequestSample::Why::slowest) CHECK(sample.latency <= m.latency.max());
    if (sample.why == RequestSample::Why::failed) ++failed;
    CHECK(sample.started + sample.latency >= Duration{0});
    CHECK(sample.started + sample.latency < m.window + Duration{1});
  }
  CHECK((failed > 0) == (m.requests.failed > 0));
}

}  // namespace

TEST_CASE("closed users, faults and interruptions: the books balance", "[accounting]") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed, 1);
    Scenario scenario = random_scenario(rng);
    scenario.load = users(static_cast<std::uint32_t>(rng.uniform_int(1, 30)),
                          FixedDuration{some_ms(rng, 0, 20)});
    const Measurement m =
        run(scenario, random_faults(rng), seed, TimePoint{some_ms(rng, 50, 4000)});
    check_identities(m);
    check_samples(m);
    CHECK(m.requests.shed == 0);
    CHECK(m.requests.in_flight <= 30);
  }
}

TEST_CASE("a schedule, faults and interruptions: every request due is in one bucket",
          "[accounting]") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed, 2);
    Scenario scenario = random_scenario(rng);
    scenario.warmup = Duration{0};
    if (rng.uniform_int(0, 1) == 0) {
      scenario.load = rate(static_cast<double>(rng.uniform_int(5, 900)), false);
    } else {
      BurstLoad burst;
      burst.size = static_cast<std::uint32_t>(rng.uniform_int(1, 60));
      burst.every = some_ms(rng, 20, 700);
      scenario.load = burst;
    }
    const Measurement m =
        run(scenario, random_faults(rng), seed, TimePoint{some_ms(rng, 50, 4000)});
    check_identities(m);
    check_samples(m);
    CHECK(m.requests.scheduled() == due_between(scenario.load, Duration{0}, m.window));
    CHECK(m.requests.carried_in == 0);
  }
}

TEST_CASE("with a warm-up, what was due in it is carried in or has ended in it", "[accounting]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed, 3);
    Scenario scenario = random_scenario(rng);
    scenario.warmup = 300ms;
    scenario.load = rate(static_cast<double>(rng.uniform_int(5, 900)), false);
    const Measurement m = run(scenario, random_faults(rng), seed, kNever);
    check_identities(m);
    const std::uint64_t in_window =
        due_between(scenario.load, scenario.warmup, scenario.warmup + m.window);
    CHECK(m.requests.scheduled() == in_window + m.requests.carried_in);
  }
}
