// Several pools on the virtual clock: a replica is a machine of its own, and every pool is counted.
#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

/// Two kinds of request, half each; the second is on `target`. Work keeps one core of a server
/// busy.
Scenario halves(PoolTarget target) {
  Scenario scenario = hold_scenario(FixedDuration{0ns}, 20, 0);
  scenario.requests[0].steps = {sql_step("SELECT 1")};
  scenario.requests.push_back(scenario.requests[0]);
  scenario.requests[1].name = "other";
  scenario.requests[1].pool = scenario.requests[1].steps[0].pool = 1;
  scenario.deployment.others.push_back(scenario.deployment.pool);
  scenario.deployment.others[0].name = "second";
  scenario.deployment.others[0].target = target;
  scenario.load = users(40);
  scenario.duration = 20s;
  return scenario;
}

ServerProfile one_core() {
  ServerProfile profile = free_server();
  profile.cores = 1;
  profile.statement_work = 1ms;
  return profile;
}

TEST_CASE("a replica has cores of its own", "[sim]") {
  const Measurement one = run_simulated(halves(PoolTarget::primary), one_core(), 1);
  const Measurement two = run_simulated(halves(PoolTarget::replica), one_core(), 1);
  check_identities(one);
  check_identities(two);
  const double ratio =
      static_cast<double>(two.requests.completed) / static_cast<double>(one.requests.completed);
  CHECK(ratio > 1.7);
  CHECK(ratio < 2.01);
}

TEST_CASE("each pool is measured by name, and the seconds hold their sum", "[sim]") {
  Scenario scenario = halves(PoolTarget::replica);
  scenario.deployment.processes = 3;
  const Measurement m = run_simulated(scenario, one_core(), 1);
  REQUIRE(m.pools.size() == 2);
  CHECK(m.pools[0].name == "primary");
  CHECK(m.pools[1].name == "second");
  for (const PoolMeasurement& pool : m.pools) {
    CHECK(pool.processes == 3);
    CHECK(pool.capacity == 60);
    CHECK(pool.peak_checked_out > 0);
    CHECK(pool.peak_checked_out <= 40);
  }
  CHECK(m.pools[0].checkouts + m.pools[1].checkouts == m.pool_wait.count());
  // All 40 users are always on one of the two.
  for (const SecondSample& second : m.series) CHECK(second.checked_out + second.waiting == 40);
  CHECK(m.pools[0].checked_out_mean + m.pools[1].checked_out_mean == Approx(40).epsilon(0.01));
}

TEST_CASE("a standby that lags answers with old data, and no slower", "[sim]") {
  Scenario scenario = halves(PoolTarget::replica);
  ServerProfile profile = one_core();
  const Measurement none = run_simulated(scenario, profile, 1);
  CHECK(none.notes.empty());
  profile.replica_lag = 1s;
  const Measurement read_only = run_simulated(scenario, profile, 1);
  REQUIRE(read_only.notes.size() == 1);
  CHECK(read_only.notes[0] ==
        "The standby is simulated with a lag of 1s behind its primary: no read on it came that "
        "soon after a write.");
  CHECK(read_only.requests.completed == none.requests.completed);  // no request goes elsewhere
  scenario.requests[0].steps[0].sql.source = "UPDATE t SET n = 1";
  scenario.requests[0].transaction = TransactionMode::read_write;
  const Measurement written = run_simulated(scenario, profile, 1);
  REQUIRE(written.notes.size() == 1);
  CHECK(written.notes[0].find("ran within that time after a write was committed on the primary "
                              "and saw stale data") != std::string::npos);
}

TEST_CASE("commits wait for a lag only where the server makes them", "[sim]") {
  Scenario scenario = halves(PoolTarget::replica);
  scenario.requests[0].transaction = TransactionMode::read_write;
  ServerProfile profile = one_core();
  profile.replica_lag = 50ms;
  const auto commit_ms = [&] {
    const Measurement m = run_simulated(scenario, profile, 1);
    return to_ms(m.phase_times.commit.quantile(0.5));
  };
  CHECK(commit_ms() < 20);
  scenario.server_settings = {{"synchronous_commit", "remote_apply"},
                              {"synchronous_standby_names", "*"}};
  CHECK(commit_ms() >= 49);
}

TEST_CASE("SET ROLE costs one exchange more for each connection", "[sim]") {
  Scenario scenario = halves(PoolTarget::primary);
  ServerProfile profile = free_server();
  profile.round_trip = 1ms;
  scenario.deployment.pool.kind = "none";
  scenario.deployment.pool.options.clear();
  scenario.deployment.others.clear();
  scenario.requests.pop_back();
  scenario.load = users(1);
  const Measurement plain = run_simulated(scenario, profile, 1);
  scenario.deployment.pool.role = "app";
  const Measurement as_role = run_simulated(scenario, profile, 1);
  scenario.deployment.pool.role_by = RoleBy::set_role;
  const Measurement set_role = run_simulated(scenario, profile, 1);
  CHECK(to_ms(plain.connect.max()) == Approx(0).margin(1e-6));
  CHECK(to_ms(as_role.connect.max()) == Approx(0).margin(1e-6));
  CHECK(to_ms(set_role.connect.quantile(0.5)) == Approx(1).epsilon(0.05));
}

TEST_CASE("requests that wait for each other's second connection time out", "[sim]") {
  // Both kinds take one connection of each pool, in opposite order: the classic embrace.
  Scenario scenario = halves(PoolTarget::replica);
  scenario.requests[0].steps = {sql_step("SELECT 1"), sql_step("SELECT 2")};
  scenario.requests[1].steps = scenario.requests[0].steps;
  scenario.requests[0].steps[1].pool = 1;
  scenario.requests[1].steps[0].pool = 1;
  scenario.requests[0].steps[1].name = scenario.requests[1].steps[1].name = "second";
  scenario.deployment.pool.set("pool_size", std::int64_t{2});
  scenario.deployment.pool.set("timeout", Duration(500ms));
  scenario.deployment.others[0].set("pool_size", std::int64_t{2});
  scenario.deployment.others[0].set("timeout", Duration(500ms));
  const Measurement m = run_simulated(scenario, one_core(), 1);
  check_identities(m);
  CHECK(m.requests.failed > 0);
  for (const FailureCount& failure : m.failures) {
    CHECK(failure.failure == FailureClass::pool_timeout);
  }
  CHECK(m.requests.completed > 0);
}

}  // namespace
}  // namespace poolgauge
