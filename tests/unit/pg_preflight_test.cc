// Statements that do not prepare are all named, each with the server's words and its place.
#include "pg/target/target_info.h"

#include <catch2/catch.hpp>

#include "pg_server_fixture.h"

using namespace poolgauge;
using namespace poolgauge::test;
using Catch::Matchers::Contains;

namespace {

Step plain(const std::string& name, const std::string& text,
           Protocol protocol = Protocol::prepared) {
  Step step;
  step.name = name;
  step.sql.source = text;
  step.sql.text = text;
  step.protocol = protocol;
  return step;
}

/// One variable, ":conversation" in the source, "$1" in the text, at its first place.
Step with_variable(const std::string& name, const std::string& before, const std::string& after,
                   Protocol protocol = Protocol::prepared) {
  Step step;
  step.name = name;
  step.protocol = protocol;
  step.sql.source = before + ":conversation" + after;
  step.sql.text = before + "$1" + after;
  step.sql.variables = {0};
  step.sql.shifts = {{before.size() + 2, before.size() + 13}};
  return step;
}

Scenario scenario_of(std::vector<Step> steps) {
  Scenario scenario;
  scenario.file = "chat.json";
  scenario.variables = {{"conversation", UniformVariable{1, 10}}};
  RequestSpec request;
  request.name = "chat";
  request.steps = std::move(steps);
  scenario.requests = {std::move(request)};
  return scenario;
}

Status check(std::vector<Step> steps) {
  return check_statements(shared_server().conninfo(), scenario_of(std::move(steps)), never());
}

Error check_error(std::vector<Step> steps) {
  const Status status = check(std::move(steps));
  REQUIRE_FALSE(status.ok());
  return status.error();
}

void make_table() {
  sql("CREATE TABLE IF NOT EXISTS message (id int, body text)");
}

}  // namespace

TEST_CASE("statements that prepare pass, and nothing is executed", "[pg]") {
  make_table();
  Step hold;
  hold.name = "model";
  hold.kind = StepKind::hold;
  hold.sql.text = "not SQL at all";
  const Status status = check({with_variable("a", "SELECT body FROM message WHERE id = ", ""),
                               plain("b", "DROP TABLE message"), hold, plain("c", "VACUUM")});
  if (!status) FAIL(status.error().message);
  CHECK(sql("SELECT to_regclass('message') IS NOT NULL") == "t");
}

TEST_CASE("a failure shows scenario, request, step and the place in the source", "[pg]") {
  make_table();
  const Error error = check_error({with_variable(
      "history", "SELECT 'é' AS é,\n  id FROM message\n WHERE id = ", " AND bdy = 'x'")});
  CHECK(error.kind == ErrorKind::usage);
  CHECK(error.message ==
        "chat.json: request \"chat\" step \"history\": column \"bdy\" does not exist\n"
        "   WHERE id = :conversation AND bdy = 'x'\n"
        "                                ^\n"
        "  Perhaps you meant to reference the column \"message.body\".");
  CHECK_THAT(error.hint, Contains("data.setup"));
}

TEST_CASE("all failures are collected", "[pg]") {
  make_table();
  const Error error =
      check_error({plain("one", "SELEC 1"), plain("two", "SELECT 1"),
                   plain("three", "SELECT * FROM mesage"), plain("four", "SELECT 1; SELECT 2")});
  CHECK_THAT(error.message, Contains("step \"one\": syntax error at or near \"SELEC\"") &&
                                Contains("step \"three\": relation \"mesage\" does not exist") &&
                                Contains("step \"four\": cannot insert multiple commands") &&
                                !Contains("step \"two\""));
}

TEST_CASE("a parameter is named as the scenario names it", "[pg]") {
  const Error error = check_error({with_variable("x", "SELECT count(*) WHERE ", " IS NULL")});
  CHECK_THAT(error.message,
             Contains("could not determine data type of parameter $1 ($1 is :conversation)"));
  CHECK_THAT(error.hint, Contains(":name::int"));
}

TEST_CASE("names that an earlier step may create are not judged", "[pg]") {
  CHECK(check({plain("make", "CREATE TEMP TABLE made (x int)"),
               plain("use", "INSERT INTO made VALUES (1)")})
            .ok());
  const Error error = check_error({plain("use", "INSERT INTO made VALUES (1)"),
                                   plain("make", "CREATE TEMP TABLE made (x int)")});
  CHECK_THAT(error.message, Contains("step \"use\""));
  CHECK_FALSE(check({plain("make", "CREATE TEMP TABLE made (x int)"),
                     plain("use", "INSERT INTO INTO made")})
                  .ok());
}

TEST_CASE("simple-protocol steps are judged only where the server can prepare them", "[pg]") {
  CHECK(check({plain("two", "SELECT 1; SELECT 2", Protocol::simple),
               with_variable("set", "SET work_mem = ", "", Protocol::simple)})
            .ok());
  CHECK_FALSE(check({plain("one", "SELECT nothing", Protocol::simple)}).ok());
}

TEST_CASE("no connection, no check; a stop request ends it", "[pg]") {
  const Scenario scenario = scenario_of({plain("a", "SELECT 1")});
  Status status = check_statements(as_user("nobody_here"), scenario, never());
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::target);
  StopFlag stop;
  stop.request();
  status = check_statements(shared_server().conninfo(), scenario, stop);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::interrupted);
}
