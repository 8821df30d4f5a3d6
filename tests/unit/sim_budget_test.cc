// The budget in a simulated world: connects under way count there, too.
#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

TEST_CASE("pools without a limit stay within their users when connects outlast the deadline",
          "[sim]") {
  for (const char* kind : {"none", "sqlalchemy-null"}) {
    INFO(kind);
    Scenario scenario = hold_scenario(FixedDuration{1ms}, 1, 0);
    scenario.deployment.pool = {};
    scenario.deployment.pool.kind = kind;
    scenario.deployment.instances = 5;
    scenario.load = users(100);
    scenario.deadline = 10ms;
    scenario.warmup = 0s;
    scenario.duration = 1s;
    ServerProfile profile = free_server();
    profile.connect_delay = 35ms;
    profile.max_connections = 100;
    const Measurement m = run_simulated(scenario, profile, 1);
    check_identities(m);
    REQUIRE(m.pools.size() == 1);
    CHECK(m.pools[0].capacity == 100);
    CHECK(m.pools[0].peak_open <= 100);
    CHECK(m.pools[0].peak_checked_out <= 100);
    CHECK(m.pools[0].peak_waiting <= 100);
    // The server never had to refuse one: never more than its 100 were open or being opened.
    for (const FailureCount& failure : m.failures) {
      CHECK(failure.failure == FailureClass::deadline);
    }
    CHECK(m.pools[0].connect_failures == 0);
  }
}

TEST_CASE("an arrival rate keeps within rate times deadline", "[sim]") {
  Scenario scenario = hold_scenario(FixedDuration{1ms}, 1, 0);
  scenario.deployment.pool = {};
  scenario.deployment.pool.kind = "none";
  scenario.load = rate(1000);
  scenario.deadline = 20ms;
  scenario.warmup = 0s;
  scenario.duration = 1s;
  ServerProfile profile = free_server();
  profile.connect_delay = 100ms;
  const Measurement m = run_simulated(scenario, profile, 1);
  CHECK(m.pools[0].peak_open <= 20);
  CHECK(m.requests.completed == 0);
}

TEST_CASE("a connect under way takes a slot of the server", "[sim]") {
  Scenario scenario = hold_scenario(FixedDuration{1ms}, 1, 0);
  scenario.deployment.pool = {};
  scenario.deployment.pool.kind = "none";
  scenario.load = users(20);
  scenario.warmup = 0s;
  scenario.duration = 1s;
  ServerProfile profile = free_server();
  profile.connect_delay = 50ms;
  profile.max_connections = 10;
  const Measurement m = run_simulated(scenario, profile, 1);
  REQUIRE_FALSE(m.failures.empty());
  CHECK(m.failures[0].failure == FailureClass::too_many_connections);
}

}  // namespace
}  // namespace poolgauge
