// App pools, PgBouncer and server in a row: what the tandem must do.
#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

/// `clients` with a connection each; every request holds its transaction for 10 ms.
Scenario tandem(std::uint32_t clients, std::int64_t servers, const std::string& mode) {
  Scenario scenario = hold_scenario(FixedDuration{10ms}, 1, 0);
  RequestSpec& request = scenario.requests[0];
  request.transaction = TransactionMode::read_write;
  request.steps.push_back(sql_step("SELECT 1"));
  scenario.deployment.pool = DeployedPool{};
  scenario.deployment.pool.kind = "fixed";
  scenario.load = users(clients);
  scenario.warmup = 1s;
  scenario.duration = 5s;
  Pooler pooler;
  pooler.spec.kind = "pgbouncer";
  pooler.spec.set("pool_mode", mode);
  pooler.spec.set("default_pool_size", servers);
  pooler.spec.set("max_client_conn", std::int64_t{10'000});
  scenario.deployment.pooler = pooler;
  return scenario;
}

ServerProfile free_pooler() {
  ServerProfile profile = free_server();
  profile.pooler_work = profile.pooler_login_work = profile.pooler_delay = 0ns;
  return profile;
}

TEST_CASE("ten clients on two servers do what two servers can") {
  const Measurement m = run_simulated(tandem(10, 2, "transaction"), free_pooler(), 1);
  check_identities(m);
  CHECK(m.requests.failed == 0);
  CHECK(m.requests.completed == 1000);  // 2 / 10 ms for 5 s
  CHECK(to_ms(m.latency.quantile(0.5)) == Approx(50).margin(1));
  REQUIRE(m.pooler.series.size() == 5);
  for (const PoolerSample& sample : m.pooler.series) {
    CHECK(sample.sv_active == 2);
    CHECK(sample.cl_waiting == 8);
    CHECK(sample.cl_active == 2);
  }
  CHECK(m.pooler.transactions == Approx(1000).margin(2));
  // Four of five parts of the time are the wait for a server.
  CHECK(m.pooler.wait_s == Approx(40).margin(0.5));
  CHECK(m.pooler.transaction_s == Approx(50).margin(0.5));
}

TEST_CASE("a request whose deadline ends its login to the pooler has missed its deadline") {
  Scenario scenario = tandem(3, 2, "transaction");
  scenario.deployment.pool.kind = "rails";  // connects within the request
  scenario.deadline = 100ms;
  ServerProfile profile = free_pooler();
  profile.pooler_login_work = 1s;
  const Measurement m = run_simulated(scenario, profile, 1);
  check_identities(m);
  CHECK(m.requests.completed == 0);
  CHECK(m.requests.failed > 100);
  for (const FailureCount& failure : m.failures) CHECK(failure.failure == FailureClass::deadline);
}

TEST_CASE("in session mode who has no server waits until another client leaves") {
  Scenario scenario = tandem(4, 3, "session");
  scenario.deadline = 2s;
  const Measurement m = run_simulated(scenario, free_pooler(), 1);
  check_identities(m);
  CHECK(m.requests.completed == 1500);  // three clients never give their servers back
  CHECK(m.requests.failed > 0);
  for (const PoolerSample& sample : m.pooler.series) CHECK(sample.sv_active == 3);
}

TEST_CASE("statement mode gives the server back during a hold") {
  Scenario scenario = tandem(10, 2, "statement");
  scenario.requests[0].transaction = TransactionMode::none;
  const Measurement m = run_simulated(scenario, free_pooler(), 1);
  CHECK(m.requests.completed == 5000);  // nobody waits: the hold holds nothing
  CHECK(m.pooler.wait_s == Approx(0).margin(0.1));
}

TEST_CASE("the pools of a whole fleet share one pooler") {
  Scenario scenario = tandem(10, 2, "transaction");
  scenario.deployment.processes = 5;
  const Measurement m = run_simulated(scenario, free_pooler(), 1);
  CHECK(m.requests.completed == 1000);
  CHECK(m.pooler.series.back().sv_active == 2);
}

TEST_CASE("who waits longer than query_wait_timeout loses the connection") {
  Scenario scenario = tandem(3, 1, "transaction");
  std::get<FixedDuration>(scenario.requests[0].steps[0].time).value = 3s;
  scenario.deployment.pooler->spec.set("query_wait_timeout", Duration{1s});
  scenario.duration = 20s;
  const Measurement m = run_simulated(scenario, free_pooler(), 1);
  check_identities(m);
  REQUIRE_FALSE(m.failures.empty());
  CHECK(m.failures[0].example == "query_wait_timeout");
  CHECK(m.failures[0].sqlstate == "08P01");
  CHECK(m.failures[0].failure == FailureClass::pooler_refused);
  CHECK(m.pools.at(0).connects > 3);
}

TEST_CASE("beyond max_client_conn a client is sent away") {
  Scenario scenario = tandem(5, 2, "transaction");
  scenario.deployment.pooler->spec.set("max_client_conn", std::int64_t{4});
  const Measurement m = run_simulated(scenario, free_pooler(), 1);
  check_identities(m);
  REQUIRE_FALSE(m.failures.empty());
  CHECK(m.failures[0].failure == FailureClass::pooler_refused);
  CHECK(m.failures[0].example == "no more connections allowed (max_client_conn)");
}

TEST_CASE("a reset at each return keeps the server from others, not the client") {
  Scenario scenario = tandem(10, 2, "transaction");
  scenario.deployment.pooler->spec.set("server_reset_query_always", true);
  ServerProfile profile = free_pooler();
  const std::uint64_t without = run_simulated(scenario, profile, 1).requests.completed;
  profile.round_trip = 1ms;  // BEGIN, SELECT, COMMIT and the reset
  const Measurement m = run_simulated(scenario, profile, 1);
  CHECK(without == 1000);
  CHECK(m.requests.completed == Approx(5000.0 * 2 / 14).margin(5));
}

TEST_CASE("the tandem is the same twice, and stops in order whenever it is stopped") {
  Scenario scenario = tandem(50, 3, "transaction");
  scenario.requests[0].steps[0].time = ExponentialDuration{10ms};
  scenario.deadline = 120ms;
  const Measurement first = run_simulated(scenario, ServerProfile{}, 7);
  const Measurement second = run_simulated(scenario, ServerProfile{}, 7);
  check_identities(first);
  CHECK(first.requests.completed == second.requests.completed);
  CHECK(first.latency.sum_ns() == second.latency.sum_ns());
  CHECK(first.pooler.wait_s == second.pooler.wait_s);
  CHECK(first.requests.failed > 0);  // deadlines while waiting at the pooler
}

}  // namespace
}  // namespace poolgauge
