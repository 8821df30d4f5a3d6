// Scenarios made from logs and statistics.
#include <catch2/catch.hpp>

#include "poolgauge/import.h"
#include "scenario/import/import_parts.h"
#include "scenario/import/log_requests.h"
#include "scenario/import/server_log.h"
#include "scenario/import/statement_shape.h"
#include "scenario_text.h"

using namespace poolgauge;
using namespace scenario_test;

namespace {

/// A csvlog's line of PostgreSQL 15.
std::string csv_line(const std::string& time, const std::string& session, const std::string& vxid,
                     const std::string& message, const std::string& detail = "",
                     const std::string& severity = "LOG") {
  const auto quote = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  };
  return "2026-01-31 12:00:" + time + " UTC,\"app\",\"app\",10,\"[local]\"," + session +
         ",1,\"SELECT\",2026-01-31 11:00:00 UTC," + vxid + ",0," + severity + ",00000," +
         quote(message) + "," + quote(detail) + ",,,,,,,,\"app\",\"client backend\",,0\n";
}

/// Two sessions, two kinds of requests.
std::string small_log() {
  return csv_line("00.010", "a", "3/1", "duration: 1.000 ms  statement: BEGIN") +
         csv_line("00.020", "a", "3/1",
                  "duration: 2.000 ms  statement: SELECT x FROM t WHERE id = 5") +
         csv_line("00.021", "b", "4/0",
                  "duration: 1.000 ms  execute <unnamed>: SELECT y FROM u WHERE k = $1",
                  "parameters: $1 = 'O''Neil'") +
         csv_line("00.050", "a", "3/1",
                  "duration: 5.000 ms  statement: UPDATE t SET n = 1 WHERE id = 5") +
         csv_line("00.060", "a", "3/0", "duration: 1.000 ms  statement: COMMIT") +
         csv_line("01.010", "b", "4/2", "duration: 1.000 ms  statement: BEGIN") +
         csv_line("01.020", "b", "4/2",
                  "duration: 2.000 ms  statement: SELECT x FROM t WHERE id = 7") +
         csv_line("01.060", "b", "4/2",
                  "duration: 5.000 ms  statement: UPDATE t SET n = 1 WHERE id = 7") +
         csv_line("01.070", "b", "4/0", "duration: 1.000 ms  statement: COMMIT") +
         csv_line("02.000", "a", "3/0",
                  "duration: 1.000 ms  execute <unnamed>: SELECT y FROM u WHERE k = $1",
                  "parameters: $1 = 'Ann'");
}

ImportOptions options_of(double scale = 1) {
  ImportOptions options;
  options.scale = scale;
  options.arrivals_file = "x.arrivals.csv";
  return options;
}

ImportedScenario imported(const std::string& log, const ImportOptions& options = options_of()) {
  auto result = import_log(log, "x.csv", LogFormat::csv, options);
  if (const auto* bad = std::get_if<Diagnostic>(&result)) FAIL(to_text(*bad));
  return std::get<ImportedScenario>(result);
}

std::string refused(const std::string& log, LogFormat format = LogFormat::csv) {
  const auto result = import_log(log, "x.log", format, options_of());
  REQUIRE(std::holds_alternative<Diagnostic>(result));
  return to_text(std::get<Diagnostic>(result));
}

}  // namespace

TEST_CASE("a log's times and parameters") {
  CHECK(parse_log_time("1971-01-01 00:00:01.250 UTC") == 365 * 86400 + 1.25);
  CHECK(*parse_log_time("2024-03-01 00:00:00 CET") - *parse_log_time("2024-02-28 00:00:00 CET") ==
        2 * 86400);
  CHECK_FALSE(parse_log_time("yesterday"));
  CHECK_FALSE(parse_log_time("2026-13-01 00:00:00.000 UTC"));
  const auto values = parse_log_parameters("parameters: $1 = 'a, $2 = ''b''', $2 = NULL, $3 = '7'");
  REQUIRE(values.size() == 3);
  CHECK(values[0] == "a, $2 = 'b'");
  CHECK_FALSE(values[1].has_value());
  CHECK(values[2] == "7");
  CHECK(parse_log_parameters("").empty());
}

TEST_CASE("statements that differ in constants only have one shape") {
  const StatementShape one = shape_of("SELECT 'a''b', 1.5, 2, x.y1, X'1f', \"q5\" FROM t1", {});
  CHECK(one.key == "SELECT '?', ?, ?, x.y1, X'1f', \"q5\" FROM t1");
  REQUIRE(one.constants.size() == 3);
  CHECK(one.constants[0].value == "a'b");
  CHECK(one.constants[1].kind == Constant::Kind::number);
  CHECK(one.constants[2].value == "2");
  CHECK(shape_of("SELECT $1", {"7"}).constants[0].value == "7");
  // A sign before a number is its own, a minus between two is not.
  const StatementShape negative = shape_of("SELECT a + -3, (-4), 5 -6, b - 7", {});
  CHECK(negative.key == "SELECT a + ?, (?), ? -?, b - ?");
  CHECK(negative.constants[0].value == "-3");
  CHECK(negative.constants[1].value == "-4");
  CHECK(negative.constants[3].value == "6");
}

TEST_CASE("a log becomes requests, holds, variables and arrivals") {
  const ImportedScenario result = imported(small_log());
  const Json scenario = Json::parse(result.json);
  const Json& requests = scenario["requests"];
  REQUIRE(requests.size() == 2);
  const Json& pair = requests[0]["name"] == "select t" ? requests[0] : requests[1];
  const Json& single = requests[0]["name"] == "select t" ? requests[1] : requests[0];
  CHECK(pair["transaction"] == true);
  CHECK(pair["weight"] == 2);
  // The client's own time: 8 ms before the SELECT, 25 and 35 ms before the UPDATE, 9 ms at the end.
  REQUIRE(pair["steps"].size() == 5);
  CHECK(pair["steps"][0]["hold"]["empirical"] == Json::array({"8000us", "8000us"}));
  const std::string select = pair["steps"][1]["sql"];
  const std::string update = pair["steps"][3]["sql"];
  CHECK(pair["steps"][2]["hold"]["empirical"] == Json::array({"25000us", "35000us"}));
  // The same id in both statements is one variable; the 1 never changed.
  const std::string variable =
      select.substr(select.find(':'), select.find("::") - select.find(':'));
  CHECK(select == "SELECT x FROM t WHERE id = " + variable + "::int");
  CHECK(update == "UPDATE t SET n = 1 WHERE id = " + variable + "::int");
  CHECK(scenario["variables"][variable.substr(1)] == Json{{"csv",
                                                           {{"file", "x.arrivals.csv"},
                                                            {"column", "v1"},
                                                            {"request", "select t"},
                                                            {"order", "in turn"},
                                                            {"together", true}}}});
  CHECK(single["transaction"] == false);
  CHECK(result.arrivals.find("arrival_s,request,v1\n0.000000,select t,5\n"
                             "0.011000,select u,O'Neil\n") == 0);
  CHECK(scenario["load"]["replay"] == "x.arrivals.csv");
  CHECK(imported(small_log(), options_of(2)).arrivals.find("\n0.005500,select u,O'Neil\n") !=
        std::string::npos);
}

TEST_CASE("the same from a log of statements and durations apart, and from JSON") {
  std::string log = csv_line("00.010", "a", "3/1", "statement: SELECT 1") +
                    csv_line("00.012", "a", "3/1", "duration: 2.000 ms") +
                    csv_line("00.015", "a", "3/2", "statement: SELECT nope") +
                    csv_line("00.016", "a", "3/2", "column \"nope\" does not exist", "", "ERROR") +
                    csv_line("00.020", "a", "3/0", "connection authorized: user=app");
  auto entries = read_server_log(log, LogFormat::csv);
  auto sessions = sessions_of(std::get<ServerLog>(entries).entries);
  REQUIRE(sessions.size() == 1);
  REQUIRE(sessions[0].statements.size() == 2);
  CHECK(sessions[0].statements[0].end_s.has_value());
  CHECK(sessions[0].statements[1].failed);
  const std::string json =
      R"({"timestamp":"2026-01-31 12:00:00.010 UTC","session_id":"a","vxid":"3/0",)"
      R"("error_severity":"LOG","message":"duration: 1.000 ms  statement: SELECT 1",)"
      R"("backend_type":"client backend"})"
      "\n";
  const auto result = import_log(json, "x.json", LogFormat::json, options_of());
  CHECK(std::holds_alternative<ImportedScenario>(result));
}

TEST_CASE("a transaction whose BEGIN is not in the log is held together by its id") {
  const LoggedSession session{{{1, "SELECT 1", {}, "3/7", 0, 0.1},
                               {2, "SELECT 2", {}, "3/7", 0.2, 0.3},
                               {3, "COMMIT", {}, "3/0", 0.4, 0.5},
                               {4, "SELECT 3", {}, "3/0", 0.6, 0.7},
                               {5, "SELECT 4", {}, "3/0", 0.8, 0.9},
                               {6, "BEGIN", {}, "3/9", 1, 1},
                               {7, "SELECT 5", {}, "3/9", 1, 1}}};
  const std::vector<LoggedSession> sessions{session};
  const LoggedRequests logged = requests_of(sessions);
  REQUIRE(logged.requests.size() == 3);
  CHECK(logged.requests[0].statements.size() == 2);
  CHECK(logged.requests[0].end == "COMMIT");
  CHECK(logged.unfinished == 1);
}

TEST_CASE("a broken log is refused with its line, and its content is not shown") {
  CHECK(refused("2026-01-31 12:00:00.000 UTC,\"s3cret\n").find("x.log:1:1\n") == 0);
  CHECK(refused("hello,s3cret\n").find("s3cret") == std::string::npos);
  CHECK(refused("{\"timestamp\":\"x\"}\n").find("if it is a jsonlog") != std::string::npos);
  CHECK(refused("{}\n\n{\"s3cret\"", LogFormat::json).find("x.log:1:1\n") == 0);
  CHECK(refused("{}\n\n{\"s3cret\"", LogFormat::json).find("s3cret") == std::string::npos);
  const std::string no_statements = csv_line("00.010", "a", "3/0", "checkpoint complete");
  CHECK(refused(no_statements).find("log_min_duration_statement") != std::string::npos);
}

TEST_CASE("statements' parameters become variables, after a type's name by a cast") {
  CHECK(with_variables("SELECT now() - interval $1, '$2', $2, $10", {"a", "b"}) ==
        "SELECT now() - CAST(:a AS interval), '$2', :b, $10");
  CHECK(statement_name("INSERT INTO app.message (a) VALUES (1)") == "insert message");
  CHECK(statement_name("WITH x AS (SELECT 1) SELECT * FROM ONLY y") == "with y");
  CHECK(is_replayable("  -- x\n (SELECT 1)"));
  CHECK(is_replayable("SET LOCAL x = 1"));
  CHECK_FALSE(is_replayable("SET ROLE x"));
  CHECK_FALSE(is_replayable("ALTER ROLE x PASSWORD 'y'"));
  CHECK_FALSE(is_replayable("COMMIT PREPARED 'x'"));
}

TEST_CASE("a server's statistics become a weighted mix with a rate") {
  ServerStatements server;
  server.seconds = 100;
  server.statements = {
      {"SELECT a FROM t WHERE id = $1 AND kind = $2",
       900,
       1,
       {{"bigint", {}}, {"kind", {"x", "y"}}},
       5000},
      {"ALTER ROLE x PASSWORD 's3cret'", 50, 1, {}, 0},
      {"SELECT $1", 40, 1, {{"polygon", {}}}, 0},
      {"DELETE FROM t WHERE at < now() - interval $1", 100, 1, {{"interval", {}}}, 0},
  };
  const ImportedScenario result = import_statements(server, options_of());
  CHECK(result.json.find("s3cret") == std::string::npos);
  const Scenario scenario = good(result.json);
  REQUIRE(scenario.requests.size() == 2);
  CHECK(scenario.requests[0].weight == 900);
  CHECK(scenario.requests[0].name == "select t");
  CHECK(std::get<UniformVariable>(scenario.variables[0].value).high == 5000);
  CHECK(std::get<ChoiceVariable>(scenario.variables[1].value).values ==
        std::vector<std::string>{"x", "y"});
  CHECK(std::get<OpenLoad>(scenario.load).rate_per_s == 10);
  std::string notes;
  for (const std::string& note : result.notes) notes += note + "\n";
  CHECK(notes.find("skipped 1 utility or transaction-control statement (50 calls, ") !=
        std::string::npos);
  CHECK(notes.find("a parameter of type polygon") != std::string::npos);
}

TEST_CASE("the starter passes its own check") {
  const Scenario scenario = good(starter_scenario("my \"app\""));
  CHECK(scenario.name == "my \"app\"");
  CHECK(scenario.requests[0].steps.size() == 3);
}
