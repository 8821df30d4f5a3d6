// The server that a scenario's simulation is played against.
#include <catch2/catch.hpp>

#include "app/measure.h"
#include "app/model.h"

using namespace poolgauge;
using namespace poolgauge::app;
using namespace std::chrono_literals;

namespace {

/// Six connections of two processes each, as a role.
Scenario fleet(const std::string& role) {
  Scenario scenario;
  RequestSpec request;
  request.name = "r";
  request.steps.resize(1);
  request.steps[0].name = "s";
  scenario.requests = {request};
  scenario.deployment.processes = 2;
  scenario.deployment.pool.role = role;
  scenario.deployment.pool.set("pool_size", std::int64_t{6});
  scenario.deployment.pool.set("max_overflow", std::int64_t{0});
  ClosedLoad load;
  load.users = 100;
  scenario.load = load;
  return scenario;
}

ServerProfile slots_of_scenario(const Scenario& scenario) {
  ServerProfile profile;
  set_slots(profile, scenario);
  return profile;
}

std::string refusal(const Scenario& scenario) {
  const Status room = check_modelled_room(scenario, slots_of_scenario(scenario));
  return room.ok() ? "" : room.error().message;
}

}  // namespace

TEST_CASE("a fleet that leaves the reserved slots does not start") {
  Scenario scenario = fleet("");
  scenario.server_settings = {{"max_connections", "15"}};
  CHECK(refusal(scenario).empty());
  scenario.server_settings = {{"max_connections", "14"}};
  CHECK(refusal(scenario).find("may open 12 connections, but the server has only 11 available") !=
        std::string::npos);
  scenario.server_settings = {{"max_connections", "14"}, {"superuser_reserved_connections", "2"}};
  CHECK(refusal(scenario).empty());
  scenario.server_settings.emplace_back("reserved_connections", "1");
  CHECK_FALSE(refusal(scenario).empty());
}

TEST_CASE("a pooler that has no room for the pools' connections refuses as it does in a run") {
  Scenario scenario = fleet("");
  scenario.server_settings = {{"max_connections", "100"}};
  scenario.deployment.pooler.emplace();
  scenario.deployment.pooler->spec.kind = "pgbouncer";
  scenario.deployment.pooler->spec.set("max_client_conn", std::int64_t{12});
  CHECK(refusal(scenario).empty());
  scenario.deployment.pooler->spec.set("max_client_conn", std::int64_t{11});
  const std::string said = refusal(scenario);
  INFO(said);
  CHECK(said.find("may open 12 connections, but PgBouncer accepts only 11") != std::string::npos);
}

TEST_CASE("a lag is one of a replica, and no longer than a run waits for it") {
  Scenario scenario = fleet("");
  ServerProfile profile;
  CostOptions costs;
  CHECK(set_replica_lag(profile, costs, scenario).ok());
  costs.replica_lag = 2s;
  CHECK_FALSE(set_replica_lag(profile, costs, scenario).ok());
  DeployedPool replica = scenario.deployment.pool;
  replica.name = "replica";
  replica.target = PoolTarget::replica;
  scenario.deployment.others = {replica};
  CHECK(set_replica_lag(profile, costs, scenario).ok());
  CHECK(profile.replica_lag == 2s);
  costs.replica_lag = 31s;
  const Status late = set_replica_lag(profile, costs, scenario);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().message.find("within 30s") != std::string::npos);
}

TEST_CASE("limits of the role and the database bind who logs in as it") {
  Scenario scenario = fleet("app");
  scenario.server_settings = {{"max_connections", "100"}};
  CHECK(refusal(scenario).empty());
  scenario.setup = {{"s.sql", "CREATE ROLE app LOGIN CONNECTION LIMIT 11"}};
  CHECK(refusal(scenario).find("the role's connection limit 11") != std::string::npos);
  CHECK(modelled_slots(slots_of_scenario(scenario), scenario).max_connections == 11);
  scenario.setup = {{"s.sql", "ALTER DATABASE postgres CONNECTION LIMIT 10"}};
  CHECK(refusal(scenario).find("the database's connection limit 10") != std::string::npos);
  scenario.deployment.pool.role_by = RoleBy::set_role;  // connects as a superuser
  CHECK(refusal(scenario).empty());
}

TEST_CASE("costs are measured by one user without holds, each request as often") {
  Scenario scenario = fleet("");
  scenario.requests.push_back(scenario.requests[0]);
  scenario.requests[1].name = "rare";
  scenario.requests[1].weight = 0.01;
  scenario.requests[1].steps.resize(2);
  scenario.requests[1].steps[1].name = "model";
  scenario.requests[1].steps[1].kind = StepKind::hold;
  scenario.requests[1].steps[1].time = FixedDuration{30s};
  scenario.deadline = 1s;
  const Scenario alone = cost_scenario(scenario);
  CHECK(std::get<ClosedLoad>(alone.load).users == 1);
  CHECK(alone.deployment.fleet() == 1);
  CHECK(alone.requests[1].weight == 1);
  CHECK(mean_of(alone.requests[1].steps[1].time) == 0s);
  CHECK(alone.goals.empty());
  CHECK(alone.warmup + alone.duration < 10s);
}

TEST_CASE("the cache's file depends on what decides the costs") {
  const auto named = [](const std::string& wanted, const std::string& value) {
    return [wanted, value](const std::string& name) {
      return name == wanted ? std::optional(value) : std::nullopt;
    };
  };
  const Environment home = named("HOME", "/home/a");
  Scenario scenario = fleet("");
  const std::string first = cost_file(home, scenario, "1.0", "embedded");
  CHECK(first.starts_with("/home/a/.cache/poolgauge/costs/"));
  CHECK(cost_file(named("XDG_CACHE_HOME", "/c"), scenario, "1.0", "embedded")
            .starts_with("/c/poolgauge/costs/"));
  CHECK(cost_file(named("XDG_CACHE_HOME", "not/absolute"), scenario, "1.0", "embedded").empty());
  CHECK(cost_file(home, scenario, "1.0", "db:5432/app") != first);
  CHECK(cost_file(home, scenario, "1.1", "embedded") != first);
  scenario.setup = {{"s.sql", "CREATE TABLE t ()"}};
  CHECK(cost_file(home, scenario, "1.0", "embedded") != first);
  scenario.setup.clear();
  scenario.sha256 = "another file";
  CHECK(cost_file(home, scenario, "1.0", "embedded") != first);
  scenario.sha256.clear();
  scenario.deployment.instances = 9;  // the load and the pools do not
  CHECK(cost_file(home, scenario, "1.0", "embedded") == first);
}
