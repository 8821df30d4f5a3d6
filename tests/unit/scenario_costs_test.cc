// The cost of a step, and connection limits that the setup sets.
#include "scenario/read/resolve.h"
#include "scenario_text.h"

using namespace scenario_test;

TEST_CASE("a step's cost is a time, and is written back") {
  const std::string sql = R"("sql": "SELECT :id")";
  const Scenario fixed = good(with(sql, sql + R"(, "cost": "4ms")"));
  const auto& cost = fixed.requests[0].steps[0].cost;
  REQUIRE(cost);
  CHECK(std::get<FixedDuration>(*cost).value == std::chrono::milliseconds(4));
  CHECK(fixed.resolved_json.find(R"("cost":"4ms")") != std::string::npos);
  const Scenario again = good(fixed.resolved_json);
  CHECK(again.resolved_json == fixed.resolved_json);
  const Scenario spread =
      good(with(sql, sql + R"(, "cost": { "lognormal": { "median": "1ms", "p95": "3ms" } })"));
  CHECK(std::get<LognormalDuration>(*spread.requests[0].steps[0].cost).p95 ==
        std::chrono::milliseconds(3));
  CHECK_FALSE(good(kValid).requests[0].steps[0].cost);
}

TEST_CASE("a cost that is none is refused, and holds have none") {
  const std::string sql = R"("sql": "SELECT :id")";
  CHECK(complaint(with(sql, sql + R"(, "cost": 4)")).find("/requests/0/steps/0/cost") !=
        std::string::npos);
  CHECK(complaint(with(sql, sql + R"(, "cost": "-1ms")")).find("/requests/0/steps/0/cost") !=
        std::string::npos);
  CHECK(complaint(with(R"("hold": "10ms")", R"("hold": "10ms", "cost": "1ms")"))
            .find("cost applies only to an sql step") != std::string::npos);
}

namespace {

ConnectionLimits limits_of(const std::string& sql) {
  Scenario scenario;
  scenario.setup = {{"setup.sql", sql}};
  return connection_limits(scenario);
}

}  // namespace

TEST_CASE("connection limits are read from the setup") {
  const ConnectionLimits limits = limits_of(R"(
    CREATE ROLE app LOGIN CONNECTION LIMIT 10;  -- CREATE ROLE other CONNECTION LIMIT 1
    create user "Web App" with connection limit 5 login;
    ALTER ROLE app CONNECTION LIMIT 12;
    ALTER ROLE none CONNECTION LIMIT -1;
    SELECT 'ALTER ROLE app CONNECTION LIMIT 3';
    DO $$ BEGIN CREATE ROLE inner_one LOGIN CONNECTION LIMIT 7; END $$;
    ALTER DATABASE postgres CONNECTION LIMIT = 20)");
  CHECK(limits.roles == std::map<std::string, std::int64_t>{
                            {"Web App", 5}, {"app", 12}, {"inner_one", 7}, {"none", -1}});
  CHECK(limits.databases == std::map<std::string, std::int64_t>{{"postgres", 20}});
}

TEST_CASE("half a statement sets no limit") {
  for (const char* sql :
       {"", "CREATE ROLE", "CREATE ROLE a CONNECTION", "CREATE ROLE a CONNECTION LIMIT",
        "CREATE ROLE a CONNECTION LIMIT -", "DO $$", "CREATE TABLE role (n int)"}) {
    INFO(sql);
    CHECK(limits_of(sql).roles.empty());
  }
}
