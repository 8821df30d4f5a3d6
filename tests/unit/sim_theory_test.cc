// The simulator against queueing theory and against what the real pools were seen to do.
#include <algorithm>
#include <cmath>
#include <vector>

#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

/// P(wait) of M/M/c, from Erlang B by its recursion.
double erlang_c(double offered, int servers) {
  double b = 1;
  for (int k = 1; k <= servers; ++k) b = offered * b / (k + offered * b);
  return servers * b / (servers - offered * (1 - b));
}

struct Estimate {
  double mean = 0;
  double error = 0;  // standard error over the seeds
};
Estimate estimate(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Estimate e;
  for (const double value : values) e.mean += value / n;
  for (const double value : values) e.error += (value - e.mean) * (value - e.mean) / (n - 1);
  e.error = std::sqrt(e.error / n);
  return e;
}

TEST_CASE("Poisson arrivals and exponential holds land on Erlang C", "[theory]") {
  struct Row {
    int servers;
    double utilization;
  };
  const Row row = GENERATE(Row{1, 0.5}, Row{5, 0.7}, Row{15, 0.88});
  const Duration hold = 20ms;
  const double rate_per_s = row.utilization * row.servers / to_s(hold);
  Scenario scenario = hold_scenario(ExponentialDuration{hold}, row.servers, 0);
  scenario.load = rate(rate_per_s);
  scenario.warmup = 5s;
  scenario.duration = from_s(std::round(16000 / rate_per_s));
  std::vector<double> waits_ms;
  std::vector<double> waited;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    const Measurement m = run_simulated(scenario, free_server(), seed);
    REQUIRE(m.requests.failed == 0);
    waits_ms.push_back(m.pool_wait.mean_ns() / 1e6);
    const auto at_once = static_cast<double>(m.pool_wait.count_at_or_below(0ns));
    waited.push_back(1 - at_once / static_cast<double>(m.pool_wait.count()));
  }
  const double offered = row.utilization * row.servers;
  const double p_wait = erlang_c(offered, row.servers);
  const double mean_ms = p_wait * to_ms(hold) / (row.servers - offered);
  const Estimate wait = estimate(waits_ms);
  const Estimate share = estimate(waited);
  INFO(row.servers << " servers at " << row.utilization);
  // Student's t with fifteen degrees of freedom, 99.9 %.
  CHECK(std::abs(wait.mean - mean_ms) < 4.073 * wait.error);
  CHECK(std::abs(share.mean - p_wait) < 4.073 * share.error);
  CHECK(wait.error < 0.08 * mean_ms);  // or the above says nothing
}

TEST_CASE("a pool without a limit never makes anybody wait", "[theory]") {
  Scenario scenario = hold_scenario(ExponentialDuration{20ms}, 5, -1);
  scenario.load = rate(2000);
  scenario.duration = 20s;
  const Measurement m = run_simulated(scenario, free_server(), 1);
  CHECK(m.pool_wait.max() == 0ns);
  CHECK(m.pools[0].peak_waiting == 0);
  CHECK(m.pools[0].peak_checked_out > 20);
}

TEST_CASE("Little's law: what is checked out is throughput times connection time", "[theory]") {
  const bool closed = GENERATE(false, true);
  Scenario scenario = hold_scenario(LognormalDuration{150ms, 400ms}, 20, 40);
  scenario.requests[0].transaction = TransactionMode::read_write;
  scenario.requests[0].steps.insert(scenario.requests[0].steps.begin(), sql_step("SELECT 1"));
  scenario.warmup = 5s;
  scenario.duration = 60s;
  if (closed) {
    scenario.load = users(100);
  } else {
    scenario.load = rate(250);
  }
  const Measurement m = run_simulated(scenario, ServerProfile{}, 3);
  const double throughput = static_cast<double>(m.requests.completed) / to_s(m.window);
  const double expected = throughput * m.connection_time.mean_ns() / 1e9;
  CHECK(m.pools[0].checked_out_mean == Approx(expected).epsilon(0.02));
  // And of the whole system: users, or requests in it.
  if (!closed) return;
  CHECK(100 == Approx(throughput * m.latency.mean_ns() / 1e9).epsilon(0.02));
  CHECK(m.pools[0].waiting_mean == Approx(40).epsilon(0.02));
}

double timeout_share(const std::string& kind, const std::string& python, std::uint64_t seed) {
  Scenario scenario = hold_scenario(FixedDuration{205ms}, 20, 40);
  PoolSpec& pool = scenario.deployment.pool;
  pool.kind = kind;
  if (!python.empty()) pool.set("python", python);
  pool.set("timeout", Duration{1s});
  scenario.load = users(100);
  scenario.warmup = 3s;
  scenario.duration = 30s;
  const Measurement m = run_simulated(scenario, ServerProfile{}, seed);
  check_identities(m);
  for (const FailureCount& f : m.failures) CHECK(f.failure == FailureClass::pool_timeout);
  return static_cast<double>(m.requests.failed) / static_cast<double>(m.requests.ended());
}

// 60 connections, 100 looping users. Whoever returns a connection takes it again before the woken
// waiter gets to it: 40 users starve and time out once a second, against 60 / 0.205 completions.
TEST_CASE("barging starves threads and Python 3.12's tasks, not 3.11's", "[theory]") {
  const double expected = 40.0 / (40.0 + 60.0 / 0.205);
  CHECK(timeout_share("sqlalchemy", "", 1) == Approx(expected).margin(0.01));
  CHECK(timeout_share("sqlalchemy-async", "3.12", 1) == Approx(expected).margin(0.01));
  CHECK(timeout_share("sqlalchemy-async", "3.11", 1) == 0);
}

TEST_CASE("users with think time: the machine repairman's throughput", "[theory]") {
  // 10 users, exponential think 90 ms, exponential hold 10 ms on one connection: M/M/1//10.
  Scenario scenario = hold_scenario(ExponentialDuration{10ms}, 1, 0);
  scenario.load = users(10, ExponentialDuration{90ms});
  scenario.warmup = 10s;
  scenario.duration = 600s;
  double idle = 0;
  double term = 1;
  for (int waiting = 0; waiting <= 10; ++waiting) {
    idle += term;
    term *= (10 - waiting) * 10.0 / 90.0;
  }
  const double busy = 1 - 1 / idle;
  const Measurement m = run_simulated(scenario, free_server(), 4);
  const double throughput = static_cast<double>(m.requests.completed) / 600.0;
  CHECK(throughput == Approx(100 * busy).epsilon(0.015));
  CHECK(m.pools[0].checked_out_mean == Approx(busy).epsilon(0.015));
}

TEST_CASE("work beyond the cores: throughput is what the cores can do", "[theory]") {
  Scenario scenario = hold_scenario(FixedDuration{0ns}, 50, 0);
  scenario.requests[0].steps = {sql_step("SELECT 1")};
  scenario.load = users(50);
  scenario.warmup = 1s;
  scenario.duration = 20s;
  ServerProfile profile;
  profile.cores = 3;
  profile.statement_work = 1ms;
  const Measurement m = run_simulated(scenario, profile, 1);
  CHECK(static_cast<double>(m.requests.completed) / 20 == Approx(3000).epsilon(0.02));
}

}  // namespace
}  // namespace poolgauge
