// Whole trials in virtual time: the same twice, and every account in order whatever happens.
#include "base/rng.h"
#include "engine/faulty_backend.h"
#include "engine/trial.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"
#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

void check_same(const Histogram& a, const Histogram& b) {
  CHECK(a.count() == b.count());
  CHECK(a.sum_ns() == b.sum_ns());
  CHECK(a.min() == b.min());
  CHECK(a.max() == b.max());
  const auto left = a.buckets();
  const auto right = b.buckets();
  REQUIRE(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    REQUIRE(left[i].low == right[i].low);
    REQUIRE(left[i].count == right[i].count);
  }
}

Scenario chat(std::uint32_t clients) {
  Scenario scenario = hold_scenario(LognormalDuration{150ms, 400ms}, 5, 10);
  RequestSpec& request = scenario.requests[0];
  request.transaction = TransactionMode::read_write;
  request.steps.insert(request.steps.begin(), sql_step("SELECT 1"));
  scenario.deployment.processes = 2;
  scenario.deployment.pool.set("pre_ping", true);
  scenario.load = users(clients);
  scenario.warmup = 1s;
  scenario.duration = 10s;
  scenario.deadline = 2s;
  return scenario;
}

TEST_CASE("the same seed simulates the same, another seed does not", "[sim]") {
  const Scenario scenario = chat(100);
  const Measurement first = run_simulated(scenario, ServerProfile{}, 7);
  const Measurement again = run_simulated(scenario, ServerProfile{}, 7);
  const Measurement other = run_simulated(scenario, ServerProfile{}, 8);
  check_same(first.latency, again.latency);
  check_same(first.pool_wait, again.pool_wait);
  check_same(first.connection_time, again.connection_time);
  CHECK(first.requests.completed == again.requests.completed);
  CHECK(first.requests.failed == again.requests.failed);
  CHECK(first.pools[0].connects == again.pools[0].connects);
  CHECK(first.latency.sum_ns() != other.latency.sum_ns());
  CHECK(first.simulated);
  CHECK_FALSE(first.partial);
  CHECK(first.window == 10s);
}

TEST_CASE("a simulation that is asked to stop says so", "[sim]") {
  StopFlag stop;
  stop.request();
  const Measurement m = simulate(chat(10), ServerProfile{}, 1, stop);
  CHECK(m.partial);
  CHECK(m.window == 0s);
  CHECK(m.requests.completed == 0);
}

TEST_CASE("what shards of a trial saw merges into what one saw of the same fleet", "[sim]") {
  // Holds only and no server costs: shards do not meet, so the sum must be exact.
  Scenario scenario = hold_scenario(ExponentialDuration{30ms}, 2, 1);
  scenario.deployment.processes = 4;
  scenario.load = rate(300, false);
  scenario.duration = 5s;
  const auto run_shard = [&](Shard shard) {
    VirtualTime time;
    Loop loop(time);
    SimBackend server(loop, scenario, free_server(), 1);
    Trial trial(scenario, loop, time, {&server}, shard, 1, TimePoint{}, nullptr);
    const StopFlag never;
    return trial.run(never);
  };
  const Measurement whole = run_shard({0, 1});
  Measurement parts = run_shard({0, 3});
  parts.merge(run_shard({1, 3}));
  parts.merge(run_shard({2, 3}));
  check_same(whole.latency, parts.latency);
  check_same(whole.pool_wait, parts.pool_wait);
  CHECK(whole.requests.scheduled() == 1500);
  CHECK(parts.requests.scheduled() == 1500);
  CHECK(whole.pools[0].connects == parts.pools[0].connects);
  CHECK(parts.pools[0].processes == 4);
  CHECK(parts.pools[0].capacity == 12);
  CHECK(parts.pools[0].checked_out_mean == Approx(whole.pools[0].checked_out_mean));
}

DurationSpec random_time(Rng& rng) {
  const Duration length{rng.uniform_int(0, 80'000'000)};
  switch (rng.uniform_int(0, 3)) {
    case 0: return ExponentialDuration{length};
    case 1: return UniformDuration{0ns, length};
    case 2: return LognormalDuration{length + 1us, 4 * length + 2us};
    default: return FixedDuration{length};
  }
}

void random_deployment(Scenario& scenario, Rng& rng) {
  const char* const kinds[] = {"sqlalchemy", "sqlalchemy-async", "sqlalchemy-async", "none",
                               "fixed"};
  PoolSpec& pool = scenario.deployment.pool;
  pool = PoolSpec{};
  pool.kind = kinds[rng.uniform_int(0, 4)];
  scenario.deployment.instances = static_cast<std::uint32_t>(rng.uniform_int(1, 2));
  scenario.deployment.processes = static_cast<std::uint32_t>(rng.uniform_int(1, 3));
  if (!pool.kind.starts_with("sqlalchemy")) return;
  pool.set("pool_size", rng.uniform_int(0, 5));
  pool.set("max_overflow", rng.uniform_int(-1, 5));
  pool.set("timeout", Duration{rng.uniform_int(0, 300) * 1'000'000});
  pool.set("pre_ping", rng.uniform() < 0.5);
  pool.set("use_lifo", rng.uniform() < 0.5);
  if (rng.uniform() < 0.3) pool.set("recycle", Duration{500ms});
  if (pool.kind == "sqlalchemy-async") {
    pool.set("python", std::string(rng.uniform() < 0.5 ? "3.11" : "3.12"));
  }
}

void random_load(Scenario& scenario, Rng& rng) {
  const auto clients = static_cast<std::uint32_t>(rng.uniform_int(1, 60));
  BurstLoad burst;
  burst.size = clients;
  burst.every = 250ms;
  const double level = clients;
  switch (rng.uniform_int(0, 5)) {
    case 4: scenario.load = UserStages{{{300ms, level, true}, {400ms, 2, false}}, {}}; break;
    case 5:
      scenario.load = RateStages{{{300ms, 20 * level, true}, {1s, 3, true}}, rng.uniform() < 0.5};
      break;
    case 0: scenario.load = users(clients); break;
    case 1: scenario.load = users(clients, random_time(rng)); break;
    case 2: scenario.load = rate(10.0 * clients, rng.uniform() < 0.5); break;
    default: scenario.load = burst;
  }
  scenario.warmup = Duration{rng.uniform_int(0, 3) * 400'000'000};
  scenario.duration = Duration{rng.uniform_int(1, 30) * 100'000'000};
  if (rng.uniform() < 0.5) scenario.deadline = Duration{rng.uniform_int(1, 400) * 1'000'000};
}

Scenario random_scenario(Rng& rng) {
  Scenario scenario;
  const auto requests = rng.uniform_int(1, 3);
  for (std::int64_t r = 0; r < requests; ++r) {
    RequestSpec request;
    request.weight = rng.uniform() + 0.1;
    request.transaction = rng.uniform() < 0.5 ? TransactionMode::read_write : TransactionMode::none;
    const auto steps = rng.uniform_int(1, 4);
    for (std::int64_t i = 0; i < steps; ++i) {
      const bool may_pause = request.transaction == TransactionMode::none;
      const auto kind = rng.uniform_int(0, may_pause ? 2 : 1);
      request.steps.push_back(kind == 0   ? sql_step("SELECT 1")
                              : kind == 1 ? timed_step(StepKind::hold, random_time(rng))
                                          : timed_step(StepKind::pause, random_time(rng)));
    }
    scenario.requests.push_back(std::move(request));
  }
  random_deployment(scenario, rng);
  random_load(scenario, rng);
  return scenario;
}

FaultPlan random_faults(Rng& rng) {
  FaultPlan plan;
  plan.slow_connect = 200ms;
  for (double* chance :
       {&plan.connect_refused, &plan.connect_slow, &plan.broken, &plan.sql_error}) {
    if (rng.uniform() < 0.5) *chance = 0.2 * rng.uniform();
  }
  return plan;
}

std::uint64_t due_in_window(const Scenario& scenario) {
  const auto* open = std::get_if<OpenLoad>(&scenario.load);
  if (open == nullptr || open->poisson) return 0;
  // Whole numbers: the rates here are.
  const auto per_s = static_cast<std::int64_t>(open->rate_per_s);
  const auto up_to = [&](Duration t) { return (t.count() * per_s + 999'999'999) / 1'000'000'000; };
  return static_cast<std::uint64_t>(up_to(scenario.warmup + scenario.duration) -
                                    up_to(scenario.warmup));
}

TEST_CASE("random scenarios with faults: every account is in order", "[sim]") {
  std::uint64_t failed = 0;
  std::uint64_t completed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed, 5);
    const Scenario scenario = random_scenario(rng);
    VirtualTime time;
    Loop loop(time);
    ServerProfile profile;
    if (rng.uniform() < 0.3) profile.max_connections = rng.uniform_int(1, 20);
    SimBackend server(loop, scenario, profile, seed);
    FaultyBackend faulty(server, random_faults(rng), seed);
    Trial trial(scenario, loop, time, {&faulty}, Shard{}, seed, TimePoint{}, nullptr);
    const StopFlag never;
    const Measurement m = trial.run(never);
    check_identities(m);
    CHECK(m.window == scenario.duration);
    const std::uint64_t due = due_in_window(scenario);
    if (due > 0) CHECK(m.requests.scheduled() - m.requests.carried_in == due);
    if (m.pools[0].capacity >= 0) {
      CHECK(static_cast<std::int64_t>(m.pools[0].peak_open) <= m.pools[0].capacity);
    }
    CHECK(m.pools[0].checked_out_mean <= m.pools[0].open_mean * (1 + 1e-9));
    failed += m.requests.failed;
    completed += m.requests.completed;
  }
  CHECK(failed > 1000);
  CHECK(completed > 10000);
}

TEST_CASE("the server's limit of connections refuses the rest", "[sim]") {
  Scenario scenario = hold_scenario(FixedDuration{50ms}, 10, 0);
  scenario.load = users(10);
  scenario.duration = 2s;
  ServerProfile profile;
  profile.max_connections = 4;
  const Measurement m = run_simulated(scenario, profile, 1);
  CHECK(m.pools[0].peak_open == 10);
  REQUIRE(m.failures.size() == 1);
  CHECK(m.failures[0].phase == Phase::connect);
  CHECK(m.failures[0].sqlstate == "53300");
  CHECK_FALSE(m.failures[0].example.empty());
}

TEST_CASE("a ramp of users fills the pool, and the latency begins when they come", "[sim]") {
  Scenario scenario = hold_scenario(FixedDuration{100ms}, 5, 0);
  scenario.load = UserStages{{{10s, 10, true}, {10s, 0, true}}, {}};
  scenario.duration = 30s;
  const Measurement m = run_simulated(scenario, free_server(), 1);
  check_identities(m);
  CHECK(m.pools[0].peak_checked_out == 5);
  // Ten users meet the 10th place at 9 s; each of the later waits its turn, nobody longer.
  CHECK(m.pools[0].peak_waiting >= 4);
  CHECK(m.latency.max() <= 201ms);
  CHECK(m.latency.min() == 100ms);
  CHECK(m.requests.in_flight == 0);  // all have left
  CHECK(m.series[2].completed < m.series[9].completed);
  CHECK(m.series[25].completed == 0);
  CHECK(m.pools[0].checked_out_mean == Approx(0.1 * m.requests.completed / 30.0).epsilon(1e-6));
}

TEST_CASE("a staged constant rate brings exactly its integral", "[sim]") {
  Scenario scenario = hold_scenario(FixedDuration{10ms}, 5, 10);
  scenario.load = RateStages{{{10s, 100, true}, {10s, 100, false}, {10s, 0, true}}, false};
  scenario.warmup = 5s;
  scenario.duration = 26s;
  scenario.deployment.processes = 3;
  const Measurement m = run_simulated(scenario, free_server(), 1);
  check_identities(m);
  CHECK(m.requests.scheduled() == 500 + 1000 + 500 - 125);
  CHECK(m.requests.completed == m.requests.scheduled());
}

TEST_CASE("a replay does what the file says, when it says so", "[sim]") {
  Scenario scenario = hold_scenario(FixedDuration{300ms}, 1, 0);
  scenario.requests.push_back(scenario.requests[0]);
  scenario.requests[1].name = "short";
  scenario.requests[1].steps[0].time = FixedDuration{10ms};
  ReplayLoad load;
  load.arrivals = std::make_shared<const std::vector<ReplayLoad::Arrival>>(
      std::vector<ReplayLoad::Arrival>{{0ms, 0}, {100ms, 1}, {2s, 1}, {9s, 0}});
  scenario.load = load;
  scenario.duration = 5s;
  const Measurement m = run_simulated(scenario, free_server(), 1);
  check_identities(m);
  CHECK(m.requests.scheduled() == 3);  // the last is due after the end
  CHECK(m.requests.completed == 3);
  CHECK(m.latency.min() == 10ms);
  CHECK(m.latency.quantile(0.5) >= 209ms);  // 200 waiting for the pool, from the intended start
  CHECK(m.latency.quantile(0.5) <= 211ms);
  CHECK(m.steps[1].max() == 10ms);
}

TEST_CASE("what the n-th request of an open load draws does not depend on who was free", "[sim]") {
  const auto drawn = [](std::int64_t pool_size, double per_s) {
    Scenario scenario = hold_scenario(ExponentialDuration{20ms}, pool_size, 0);
    scenario.load = rate(per_s, false);
    scenario.duration = 60s;
    return run_simulated(scenario, free_server(), 3).steps[0];
  };
  const Histogram calm = drawn(100, 10);
  const Histogram crowded = drawn(1, 10);
  CHECK(calm.count() == crowded.count());
  CHECK(calm.sum_ns() == crowded.sum_ns());
}

TEST_CASE("a burst starts all its requests at once, each burst on time", "[sim]") {
  Scenario scenario = hold_scenario(FixedDuration{10ms}, 5, 10);
  BurstLoad burst;
  burst.size = 15;
  burst.every = 1s;
  scenario.load = burst;
  scenario.duration = 3s;
  const Measurement m = run_simulated(scenario, free_server(), 1);
  CHECK(m.requests.completed == 45);
  CHECK(m.latency.min() == 10ms);
  CHECK(m.latency.max() == 10ms);
  CHECK(m.pools[0].peak_checked_out == 15);
  CHECK(m.pools[0].peak_overflow == 10);
}

}  // namespace
}  // namespace poolgauge
