// Pools that resize themselves, and pools with a way out, under load in the simulator.
#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

Scenario with_pool(const std::string& kind, Duration hold) {
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.steps.push_back(timed_step(StepKind::hold, FixedDuration{hold}));
  scenario.requests.push_back(std::move(request));
  scenario.deployment.pool.kind = kind;
  scenario.warmup = 0s;
  return scenario;
}

TEST_CASE("an adaptive pool grows to a step of load and settles at its target", "[adaptive]") {
  Scenario scenario = with_pool("adaptive", 100ms);
  scenario.deployment.pool.set("min_size", std::int64_t{2});
  scenario.deployment.pool.set("max_size", std::int64_t{60});
  scenario.deployment.pool.set("interval", Duration{1500ms});
  scenario.load = rate(120, false);  // twelve busy on average: 12 / 0.75 = 16
  scenario.duration = 20s;
  const Measurement m = run_simulated(scenario, free_server(), 1);
  CHECK(m.requests.failed == 0);
  REQUIRE(m.series.size() == 20);
  // In the first second two connections serve 20 a second; a hundred callers are left in line.
  CHECK(m.series[0].open == 2);
  CHECK(m.series[0].waiting > 90);
  CHECK(m.series[1].open == 60);  // they count as demand: up to the bound, and the line is gone
  CHECK(m.series[1].waiting == 0);
  // Three quiet intervals later it has shrunk to what the load wants, and stays there.
  for (std::size_t second = 8; second < m.series.size(); ++second) {
    INFO(second);
    CHECK(m.series[second].open == 16);
    CHECK(m.series[second].waiting == 0);
  }
}

TEST_CASE("a pool that falls back refuses nobody, and says how often it did", "[fallback]") {
  Scenario scenario = with_pool("sqlalchemy", 100ms);
  PoolSpec& pool = scenario.deployment.pool;
  pool.set("pool_size", std::int64_t{5});
  pool.set("max_overflow", std::int64_t{0});
  pool.set("timeout", Duration{10ms});
  scenario.load = users(8);
  scenario.duration = 10s;
  const Measurement without = run_simulated(scenario, free_server(), 1);
  CHECK(without.requests.failed > 0);
  CHECK(without.pools[0].direct_connects == 0);
  pool.set("fallback", std::string("direct"));
  const Measurement with = run_simulated(scenario, free_server(), 1);
  check_identities(with);
  CHECK(with.requests.failed == 0);
  CHECK(with.pools[0].direct_connects > 200);
  CHECK(with.pools[0].connects == with.pools[0].direct_connects + 5);
  CHECK(with.pools[0].peak_open == 8);
  CHECK(with.pools[0].capacity == 5);  // its own: where callers begin to wait
  CHECK(with.pools[0].closes >= with.pools[0].direct_connects - 3);
}

TEST_CASE("two idle connections are not enough for a busy database/sql", "[policy]") {
  Scenario scenario = with_pool("database-sql", 10ms);
  scenario.load = users(10, ExponentialDuration{10ms});
  scenario.duration = 10s;
  const Measurement few = run_simulated(scenario, free_server(), 1);
  scenario.deployment.pool.set("MaxIdleConns", std::int64_t{10});
  const Measurement enough = run_simulated(scenario, free_server(), 1);
  CHECK(few.pools[0].connects > 1000);
  CHECK(enough.pools[0].connects <= 10);
}

}  // namespace
}  // namespace poolgauge
