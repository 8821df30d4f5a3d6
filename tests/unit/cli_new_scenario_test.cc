// `scenario new`: answers, and the scenario made of them.
#include <catch2/catch.hpp>

#include "poolgauge/scenario.h"
#include "scenario/import/scenario_answers.h"

using namespace poolgauge;

namespace {

Scenario made_of(const ScenarioAnswers& answers) {
  const Result<ScenarioAnswers> whole = complete(answers);
  REQUIRE(whole.ok());
  const ScenarioResult read =
      parse_scenario(scenario_text("my app", whole.value()), "new.json", {});
  REQUIRE(std::holds_alternative<Scenario>(read));
  return std::get<Scenario>(read);
}

}  // namespace

TEST_CASE("a scenario of a few answers runs as it stands", "[cli]") {
  ScenarioAnswers answers;
  CHECK(answers.empty());
  answers.pool = "hikari";
  answers.users = "50";
  answers.think = "1s";
  answers.processes = "4";
  answers.statements = {"SELECT :id::int", "SELECT 2"};
  answers.hold = "40ms";
  answers.goals = {"p95 < 300ms"};
  CHECK_FALSE(answers.empty());
  const Scenario scenario = made_of(answers);
  CHECK(scenario.deployment.pool.kind == "hikari");
  CHECK(scenario.deployment.processes == 4);
  REQUIRE(scenario.requests.size() == 1);
  CHECK(scenario.requests[0].steps.size() == 3);
  CHECK(scenario.requests[0].steps[1].name == "call");
  REQUIRE(scenario.goals.size() == 1);
  CHECK(scenario.goals[0].text == "p95(latency) < 300ms");
}

TEST_CASE("what was not answered has a usual value", "[cli]") {
  ScenarioAnswers answers;
  answers.rate = "200/s";
  answers.pause = "5ms";
  const Scenario scenario = made_of(answers);
  CHECK(scenario.deployment.pool.kind == "sqlalchemy-async");
  CHECK(scenario.goals.size() == 1);
  CHECK(scenario.requests[0].steps.size() == 2);
}

TEST_CASE("a bad answer is refused with its reason", "[cli]") {
  CHECK(checked_pool("hikary").error().message ==
        "unknown pool kind \"hikary\"; did you mean \"hikari\"?");
  CHECK(checked_users("many").error().message ==
        "expected a whole number from 1 to 1000000, found \"many\"");
  CHECK(checked_users("0").error().message ==
        "expected a whole number from 1 to 1000000, found \"0\"");
  CHECK(checked_rate("fast").error().message ==
        "expected requests per second, such as 200, found \"fast\"");
  CHECK(checked_time("40").error().message.find("did you mean \"40ms\"?") != std::string::npos);
  CHECK_FALSE(checked_statement("SELECT 1; SELECT 2").ok());
  CHECK_FALSE(checked_statement("SELECT 'abc").ok());
  CHECK_FALSE(checked_goal("make it fast").ok());
}

TEST_CASE("answers that contradict each other are refused with both flags", "[cli]") {
  ScenarioAnswers answers;
  answers.users = "5";
  answers.rate = "5";
  CHECK(complete(answers).error().message == "--users and --rate cannot be used together");
  answers = {};
  answers.hold = "5ms";
  answers.pause = "5ms";
  CHECK(complete(answers).error().message == "--hold and --pause cannot be used together");
  answers = {};
  answers.pool = "hikary";
  CHECK(complete(answers).error().message.starts_with("--pool: unknown pool kind"));
}
