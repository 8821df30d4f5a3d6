// A scenario's pooler: read, resolved, and refused where it cannot be.
#include "scenario_text.h"

using namespace scenario_test;

namespace {

std::string pooled(const std::string& options) {
  return with(R"("pool_size": 2 } })",
              R"("pool_size": 2 }, "pooler": { "kind": "pgbouncer")" + options + " } }");
}

std::vector<Diagnostic> bad(const std::string& text) {
  const ScenarioResult result = parse_scenario(text, "small.json", {});
  if (!std::holds_alternative<std::vector<Diagnostic>>(result)) return {};
  return std::get<std::vector<Diagnostic>>(result);
}

}  // namespace

TEST_CASE("a pooler is read with its own names, defaults and units") {
  const Scenario scenario = good(pooled(R"(, "pool_mode": "transaction", "default_pool_size": 7,
                       "query_wait_timeout": 2, "reserve_pool_timeout": "500ms")"));
  REQUIRE(scenario.deployment.pooler);
  const Pooler& pooler = *scenario.deployment.pooler;
  CHECK_FALSE(pooler.given);
  CHECK(pooler.spec.choice("pool_mode") == "transaction");
  CHECK(pool_permanent_size(pooler.spec) == 7);
  CHECK(pooler.spec.duration("query_wait_timeout") == std::chrono::seconds(2));
  CHECK(pooler.spec.duration("reserve_pool_timeout") == std::chrono::milliseconds(500));
  CHECK(pooler.spec.integer("max_client_conn") == 100);
  CHECK(good(pooled(R"(, "target": "given")")).deployment.pooler->given);
  CHECK_FALSE(good(kValid).deployment.pooler);
}

TEST_CASE("a resolved scenario names what was set of the pooler, and reads back") {
  const Scenario scenario =
      good(pooled(R"(, "target": "given", "pool_mode": "session", "server_lifetime": "10m")"));
  CHECK(scenario.resolved_json.find("default_pool_size") == std::string::npos);
  const Scenario again = good(scenario.resolved_json);
  CHECK(again.resolved_json == scenario.resolved_json);
  CHECK(again.deployment.pooler->given);
}

TEST_CASE("a pooler is no pool, a pool no pooler, and options must be its own") {
  CHECK(bad(with(R"("kind": "sqlalchemy", "pool_size": 2)", R"("kind": "pgbouncer")")).at(0).path ==
        "/deployment/pool/kind");
  const auto at = [](const std::string& options) { return bad(pooled(options)).at(0).path; };
  CHECK(at(R"(, "max_overflow": 3)") == "/deployment/pooler/max_overflow");
  CHECK(at(R"(, "pool_mode": "transactions")") == "/deployment/pooler/pool_mode");
  CHECK(at(R"(, "target": "mine")") == "/deployment/pooler/target");
  CHECK(at(R"(, "default_pool_size": 0)") == "/deployment/pooler");
  CHECK(at(R"(, "max_prepared_statements": 10)") == "/deployment/pooler");
  const std::string nameless = with(R"("pool_size": 2 } })", R"("pool_size": 2 }, "pooler": {} })");
  CHECK(bad(nameless).at(0).path == "/deployment/pooler/kind");
}

TEST_CASE("statement mode and transactions are refused together, by name") {
  const std::string text = pooled(R"(, "pool_mode": "statement")");
  const std::vector<Diagnostic> found = bad(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].path == "/deployment/pooler/pool_mode");
  CHECK(found[0].message.find("request \"chat\" uses one") != std::string::npos);
  CHECK(bad(with(R"("transaction": true, )", "", text)).empty());
}

TEST_CASE("statement mode refuses a pool that tests its connections in a transaction") {
  std::string text = with(R"("transaction": true, )", "", pooled(R"(, "pool_mode": "statement")"));
  text = with(R"("kind": "sqlalchemy")", R"("kind": "sqlalchemy-async", "pre_ping": true)", text);
  REQUIRE(bad(text).size() == 1);
  CHECK(bad(text)[0].message.find("pre_ping") != std::string::npos);
  CHECK(bad(with(R"("pre_ping": true)", R"("pre_ping": false)", text)).empty());
}
