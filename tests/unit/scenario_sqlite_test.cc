// What a scenario says of SQLite.
#include "scenario_text.h"

using namespace scenario_test;

namespace {

std::string on(const std::string& server) {
  return with(R"("version": 1,)", R"("version": 1, "server": )" + server + ",");
}

}  // namespace

TEST_CASE("a server of kind sqlite has a preset and pragmas, and is written back") {
  CHECK_FALSE(good(on(R"({"kind": "postgresql", "settings": {"work_mem": "1MB"}})")).sqlite);
  const Scenario scenario = good(on(R"({"kind": "sqlite", "preset": "rails-8", "pragmas":
      {"journal_mode": "WAL", "cache_size": -64, "foreign_keys": true}})"));
  REQUIRE(scenario.sqlite);
  CHECK(scenario.sqlite->preset == "rails-8");
  using Pragmas = std::vector<std::pair<std::string, std::string>>;
  CHECK(scenario.sqlite->pragmas ==  // in the order in which they are sent
        Pragmas{{"journal_mode", "wal"}, {"cache_size", "-64"}, {"foreign_keys", "on"}});
  CHECK(good(scenario.resolved_json).resolved_json == scenario.resolved_json);
}

TEST_CASE("mistakes about SQLite are refused with what was meant") {
  const std::string all =
      complaint(on(R"({"kind": "sqlite", "preset": "pyton", "settings": {"work_mem": 1},
             "pragmas": {"busy_timout": 5, "journal_mode": "wall", "cache_size": "big"}})"));
  for (const char* part :
       {"python", "settings belong to PostgreSQL", "unknown pragma", "busy_timeout",
        "delete, truncate, persist, memory, wal or off", "a whole number from -2147483647"}) {
    INFO(all);
    CHECK(all.find(part) != std::string::npos);
  }
  CHECK(complaint(on(R"({"kind": "mysql"})")).find("sqlite") != std::string::npos);
  CHECK(complaint(on(R"({"pragmas": {}})")).find("unknown key") != std::string::npos);
}

TEST_CASE("transactions may be immediate or exclusive, but not concurrent") {
  const auto mode = [](const std::string& word) {
    return with(R"("transaction": true)", R"("transaction": ")" + word + '"');
  };
  CHECK(good(mode("immediate")).requests[0].transaction == TransactionMode::immediate);
  const Scenario exclusive = good(mode("exclusive"));
  CHECK(exclusive.requests[0].transaction == TransactionMode::exclusive);
  CHECK(good(exclusive.resolved_json).requests[0].transaction == TransactionMode::exclusive);
  CHECK(complaint(mode("concurrent")).find("BEGIN CONCURRENT exists only in a branch") !=
        std::string::npos);
}

TEST_CASE("a step has one text, or one for each kind of database") {
  const auto step = [](const std::string& sql) { return with(R"("SELECT :id")", sql); };
  const Scenario both =
      good(step(R"({"sqlite": "SELECT :id AS lite", "postgresql": "SELECT :id::int"})"));
  const Step& read = both.requests[0].steps[0];
  CHECK(read.sql.text == "SELECT $1::int");
  REQUIRE(read.on_sqlite);
  CHECK(read.on_sqlite->text == "SELECT $1 AS lite");
  CHECK(good(both.resolved_json).resolved_json == both.resolved_json);
  const Scenario one = good(step(R"({"sqlite": "COMMIT"})"));
  CHECK(one.requests[0].steps[0].sql.text.empty());
  CHECK(one.requests[0].steps[0].effect == TransactionEffect::ends);
  CHECK(good(one.resolved_json).resolved_json == one.resolved_json);
  CHECK(complaint(step("{}")).find("expected postgresql, sqlite, or both") != std::string::npos);
  CHECK(complaint(step(R"({"mysql": "SELECT 1"})")).find("unknown key") != std::string::npos);
  CHECK(complaint(step(R"({"sqlite": "SELECT :nobody"})")).find("nobody") != std::string::npos);
}

TEST_CASE("a retry names SQLSTATEs or SQLite's result codes") {
  const auto on_states = [](const std::string& states) {
    return with(R"("transaction": true)",
                R"("transaction": true, "retry": {"on": )" + states + "}");
  };
  const Scenario scenario = good(on_states(R"(["5", "517", "40001"])"));
  CHECK(scenario.requests[0].retry.covers(SqlState{"517"}));
  CHECK(good(scenario.resolved_json).requests[0].retry.on.size() == 3);
  CHECK(complaint(on_states(R"(["5A"])")).find("result code") != std::string::npos);
}
