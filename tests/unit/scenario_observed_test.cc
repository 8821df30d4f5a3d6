// Scenarios that stand for what was observed.
#include <catch2/catch.hpp>

#include "poolgauge/observed_load.h"
#include "poolgauge/scenario.h"
#include "scenario/json.h"

namespace poolgauge {
namespace {

ObservedRequests observed_requests(const char* name) {
  ObservedRequests requests;
  requests.name = name;
  requests.rate_per_s = 49.1;
  requests.hold_s = 0.1;
  requests.hold_spread = 1;
  requests.processes = 2;
  requests.kind = "psycopg";
  requests.pattern = "in turn";
  requests.connections = 12;
  requests.options = {{"min_size", std::int64_t{12}}, {"max_size", std::int64_t{12}}};
  return requests;
}

Scenario scenario_of(const ObservedLoad& load) {
  const ImportedScenario imported = import_observed(load);
  const auto parsed = parse_scenario(imported.json, "observed.json", {});
  if (const auto* bad = std::get_if<std::vector<Diagnostic>>(&parsed)) {
    FAIL(to_text(bad->front()));
  }
  return std::get<Scenario>(parsed);
}

}  // namespace

TEST_CASE("one group is one pool, its holds are the observed ones", "[observe]") {
  ObservedLoad load{"shop", 300, "p95", {observed_requests("web api/v2")}, {}};
  load.requests[0].hold_quantiles_s = {0.01, 0.05, 0.24};
  const Scenario scenario = scenario_of(load);
  REQUIRE(scenario.requests.size() == 1);
  CHECK(scenario.requests[0].name == "web-api-v2");
  CHECK(scenario.deployment.processes == 2);
  CHECK(scenario.goals.size() == 1);
  const Json json = Json::parse(import_observed(load).json);
  CHECK(json["requests"][0]["steps"][1]["hold"]["empirical"][2] == "240ms");
  CHECK(json["deployment"]["pool"]["max_size"] == 12);
  CHECK(json["load"]["rate"] == 49.1);
}

TEST_CASE("several groups are several pools; a hold keeps its spread", "[observe]") {
  ObservedLoad load{"shop",
                    300,
                    "p99",
                    {observed_requests("web"), observed_requests("web"), observed_requests("")},
                    {}};
  load.requests[1].hold_spread = 0.01;
  load.requests[2].hold_spread = std::nullopt;
  const Scenario scenario = scenario_of(load);
  CHECK(scenario.requests.size() == 3);
  const ImportedScenario imported = import_observed(load);
  const Json json = Json::parse(imported.json);
  CHECK(json["deployment"]["pools"].size() == 3);
  CHECK(json["requests"][1]["pool"] == "web-2");
  CHECK(json["requests"][1]["steps"][1]["hold"] == "100ms");
  CHECK(json["requests"][0]["steps"][1]["hold"]["lognormal"]["median"] == "70.711ms");
  CHECK(json["requests"][2]["steps"][1]["hold"]["exponential"] == "100ms");
  CHECK(json["load"]["rate"] == 147.3);
  REQUIRE(imported.notes.size() == 6);
  CHECK(imported.notes[2].find("is a guess: in turn") != std::string::npos);
  const std::string goal = json["slo"][0];
  CHECK(imported.notes[5].starts_with("the goal " + goal + " is a placeholder (a tenth"));
}

TEST_CASE("statements keep their shares, and holds lose what they take", "[observe]") {
  ObservedLoad load{"shop", 300, "p95", {observed_requests("web")}, {}};
  load.requests[0].hold_quantiles_s = {0.1, 0.3};
  load.requests[0].hold_s = 0.2;
  load.requests[0].processor_s = 0.05;
  load.statements.statements = {{"SELECT a FROM t WHERE id = $1", 300, 0, {}, 0, 1.0},
                                {"UPDATE t SET a = $1 WHERE id = $2", 100, 0, {}, 0, 1.0},
                                {"VACUUM", 5, 0, {}, 0, 0.0}};
  const Scenario scenario = scenario_of(load);
  CHECK(scenario.requests.size() == 2);
  const Json json = Json::parse(import_observed(load).json);
  CHECK(json["requests"][0]["weight"] == 300);
  CHECK(json["requests"][0]["transaction"] == true);
  CHECK(json["requests"][0]["steps"][0]["cost"]["exponential"] == "50ms");
  CHECK(json["requests"][0]["steps"][1]["hold"]["empirical"][1] == "225ms");
  CHECK(json["load"]["rate"] == 49.1);
  // Of two groups it is not known which ran what.
  load.requests.push_back(observed_requests("other"));
  CHECK(scenario_of(load).requests.size() == 2);
  CHECK(Json::parse(import_observed(load).json)["requests"][0]["steps"][0]["sql"] == "SELECT 1");
}

}  // namespace poolgauge
