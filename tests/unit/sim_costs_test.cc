// What statements cost the modelled server, and who gets a slot there.
#include "sim/backend_slots.h"
#include "sim_bench.h"

namespace poolgauge {
namespace {

using namespace test;

/// One user whose only request is this step, on a server that costs nothing else.
Scenario of_step(Step step) {
  Scenario scenario = hold_scenario(FixedDuration{0ms}, 1, 0);
  scenario.requests[0].steps = {std::move(step)};
  scenario.load = users(1);
  scenario.duration = 1s;
  return scenario;
}

Step with_cost(const std::string& text, DurationSpec cost) {
  Step step = sql_step(text);
  step.cost = std::move(cost);
  return step;
}

TEST_CASE("a statement takes what its step says, to the nanosecond", "[sim]") {
  const Measurement m =
      run_simulated(of_step(with_cost("SELECT 1", FixedDuration{4ms})), free_server(), 1);
  CHECK(m.requests.completed >= 249);  // the 250th ends with the second
  CHECK(m.requests.completed <= 250);
  CHECK(m.latency.min() == 4ms);
  CHECK_FALSE(m.costs_assumed);
}

TEST_CASE("a cost may be a distribution, and pg_sleep comes beside it", "[sim]") {
  const Measurement spread =
      run_simulated(of_step(with_cost("SELECT 1", UniformDuration{2ms, 6ms})), free_server(), 1);
  CHECK(spread.latency.min() < 3ms);
  CHECK(spread.latency.max() > 5ms);
  CHECK(spread.latency.mean_ns() == Approx(4e6).epsilon(0.1));
  const Measurement asleep = run_simulated(
      of_step(with_cost("SELECT pg_sleep(0.01)", FixedDuration{1ms})), free_server(), 1);
  CHECK(asleep.latency.min() == 11ms);
}

TEST_CASE("statements at the same time share the cores", "[sim]") {
  Scenario scenario = of_step(with_cost("SELECT 1", FixedDuration{4ms}));
  scenario.deployment.pool.set("pool_size", std::int64_t{8});
  scenario.load = users(8);
  ServerProfile profile = free_server();
  profile.cores = 2;
  CHECK(run_simulated(scenario, profile, 1).latency.mean_ns() == Approx(16e6).epsilon(0.01));
}

TEST_CASE("one cost for all statements yields to a step's own", "[sim]") {
  ServerProfile profile = free_server();
  profile.statement_cost = 3ms;
  const Scenario bare = of_step(sql_step("SELECT 1"));
  CHECK(run_simulated(bare, profile, 1).latency.min() == 3ms);
  CHECK(steps_without_cost(bare, profile).empty());
  const Scenario own = of_step(with_cost("SELECT 1", FixedDuration{1ms}));
  CHECK(run_simulated(own, profile, 1).latency.min() == 1ms);
}

TEST_CASE("what a run measured goes before what the scenario says", "[sim]") {
  ServerProfile measured = free_server();
  measured.step_work = {50ms};
  const Measurement m =
      run_simulated(of_step(with_cost("SELECT 1", FixedDuration{1us})), measured, 1);
  CHECK(m.latency.mean_ns() > 1e7);
}

TEST_CASE("what is assumed is known to be assumed", "[sim]") {
  Scenario scenario = of_step(sql_step("SELECT 1"));
  CHECK(steps_without_cost(scenario, ServerProfile{}) == std::vector<std::string>{"request.sql"});
  CHECK(run_simulated(scenario, ServerProfile{}, 1).costs_assumed);
  ServerProfile measured;
  measured.step_work = {2ms};
  CHECK(steps_without_cost(scenario, measured).empty());
  ServerProfile sampled;
  sampled.transactions = {{0, {0ns, 2ms, 0ns}}};
  CHECK(steps_without_cost(scenario, sampled).empty());
  CHECK(steps_without_cost(of_step(sql_step("select  pg_sleep(0.01) ;")), {}).empty());
  CHECK(steps_without_cost(of_step(sql_step("SELECT pg_sleep(0.01) FROM t")), {}).size() == 1);
  CHECK(steps_without_cost(hold_scenario(FixedDuration{1ms}, 1, 0), {}).empty());
}

TEST_CASE("the client's own processor time is taken from the same cores", "[sim]") {
  ServerProfile profile = free_server();
  profile.client_work = 1ms;
  const Scenario scenario = of_step(with_cost("SELECT 1", FixedDuration{4ms}));
  CHECK(run_simulated(scenario, profile, 1).latency.min() == 5ms);
}

TEST_CASE("slots are refused in PostgreSQL's order and words", "[sim]") {
  ServerProfile profile;
  profile.max_connections = 6;
  profile.reserved_connections = 2;
  profile.roles = {{"app", 2}, {"free", -1}};
  profile.database = {"postgres", 3};
  BackendSlots slots(profile);
  CHECK(slots.take("app").empty());
  CHECK(slots.take("app").empty());
  CHECK(slots.take("app") == "too many connections for role \"app\"");
  CHECK(slots.take("free").empty());
  CHECK(slots.take("free") == "too many connections for database \"postgres\"");
  CHECK(slots.take("").empty());  // no limit of theirs binds a superuser
  CHECK(slots.take("other").find("reserved for roles with the SUPERUSER attribute") !=
        std::string::npos);
  slots.leave("app");
  slots.leave("");
  CHECK(slots.take("app").empty());
}

TEST_CASE("when every slot is taken nobody gets in", "[sim]") {
  ServerProfile profile;
  profile.max_connections = 1;
  BackendSlots slots(profile);
  CHECK(slots.take("").empty());
  CHECK(slots.take("") == "sorry, too many clients already");
}

/// Six users, each with a connection of its own, of a pool that logs in as "app".
Measurement as_app(const ServerProfile& profile) {
  Scenario scenario = hold_scenario(FixedDuration{50ms}, 6, 0);
  scenario.deployment.pool.role = "app";
  scenario.load = users(6);
  scenario.duration = 2s;
  return run_simulated(scenario, profile, 1);
}

TEST_CASE("a role's limit refuses a pool that logs in as it", "[sim]") {
  ServerProfile profile;
  profile.roles = {{"app", 4}};
  const Measurement m = as_app(profile);
  REQUIRE(m.failures.size() == 1);
  CHECK(m.failures[0].failure == FailureClass::too_many_connections);
  CHECK(m.failures[0].example == "too many connections for role \"app\"");
}

TEST_CASE("reserved slots stay free", "[sim]") {
  ServerProfile profile;
  profile.max_connections = 7;
  CHECK(as_app(profile).failures.empty());
  profile.reserved_connections = 3;
  const Measurement m = as_app(profile);
  REQUIRE(m.failures.size() == 1);
  CHECK(m.failures[0].sqlstate == "53300");
}

}  // namespace
}  // namespace poolgauge
