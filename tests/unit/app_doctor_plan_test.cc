// From a scenario or a few flags to what is held against a server.
#include <catch2/catch.hpp>

#include "app/doctor.h"

namespace poolgauge::app {
namespace {

Scenario read_plan_scenario(const std::string& more) {
  const std::string text =
      R"({"version": 1, "name": "s", "load": {"users": 100}, "duration": "20s", "deadline": "5s",
          "deployment": {"instances": 2, "processes": 3, "pool": {"kind": "sqlalchemy",
            "pool_size": 4, "max_overflow": 6, "recycle": "30m"}},)" +
      more + "}";
  ScenarioResult result = parse_scenario(text, "s.json", {});
  REQUIRE(std::holds_alternative<Scenario>(result));
  return std::get<Scenario>(std::move(result));
}

TEST_CASE("a scenario's pools, holds, and deadline become a plan") {
  const Scenario scenario = read_plan_scenario(
      R"json("requests": [{"name": "a", "transaction": true, "steps": [
           {"name": "q", "sql": "INSERT INTO t VALUES (1)", "cost": "2ms"},
           {"name": "h", "hold": "300ms"}, {"name": "i", "hold": "200ms"}]}])json");
  const DoctorPlan plan = doctor_plan({}, &scenario);
  CHECK(plan.connections == 60);
  CHECK(plan.per_instance == 30);
  CHECK(plan.instances == 2);
  CHECK(plan.deadline_s == 5.0);
  CHECK(*plan.longest_hold_s == Approx(0.3));
  CHECK(*plan.longest_transaction_s == Approx(0.5));
  CHECK(*plan.statement_s == Approx(0.002));
  CHECK(*plan.pool_age_s == Approx(1800));
  CHECK(plan.writes);
  CHECK(plan.prepares);
  CHECK(plan.transactions);
}

TEST_CASE("a hold that varies counts as long as it may get, not as its mean") {
  const auto longest_of = [](const std::string& hold) {
    const Scenario scenario = read_plan_scenario(
        R"json("requests": [{"name": "a", "transaction": true, "steps": [
             {"name": "q", "sql": "SELECT 1"}, {"name": "h", "hold": )json" +
        hold + "}]}]");
    return doctor_plan({}, &scenario).longest_hold_s.value_or(0);
  };
  CHECK(longest_of(R"({"uniform": ["1s", "10s"]})") == Approx(10));
  CHECK(longest_of(R"({"exponential": "1s"})") == Approx(4.605).epsilon(0.001));
  CHECK(longest_of(R"({"lognormal": {"median": "1s", "p95": "2s"}})") ==
        Approx(2.665).epsilon(0.001));
  CHECK(longest_of(R"({"normal": {"mean": "1s", "stddev": "100ms"}})") ==
        Approx(1.2326).epsilon(0.001));
}

TEST_CASE("holds outside a transaction keep no transaction open") {
  const Scenario scenario = read_plan_scenario(
      R"json("requests": [{"name": "a", "steps": [{"name": "q", "sql": "SELECT 1"},
           {"name": "h", "hold": "300ms"}]}])json");
  const DoctorPlan plan = doctor_plan({}, &scenario);
  CHECK_FALSE(plan.longest_hold_s);
  CHECK_FALSE(plan.writes);
  CHECK_FALSE(plan.transactions);
}

TEST_CASE("without a scenario the flags say how many connections there may be") {
  DoctorRequest options;
  CHECK_FALSE(doctor_plan(options, nullptr).connections);
  options.pool_size = 5;
  options.max_overflow = 10;
  options.processes = 4;
  options.instances = 2;
  options.surge = 0.5;
  const DoctorPlan plan = doctor_plan(options, nullptr);
  CHECK(plan.connections == 120);
  CHECK(plan.per_instance == 60);
  CHECK(plan.surge == 0.5);
  CHECK(plan.arithmetic == "2 instances × 4 processes × (5 + 10)");
  CHECK(deployment_overrides(options).size() == 4);
}

}  // namespace
}  // namespace poolgauge::app
