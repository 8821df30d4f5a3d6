// Logs as people have them: cut off, of slow statements only, with names that change, as text.
#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <sstream>

#include "poolgauge/import.h"
#include "scenario/csv.h"
#include "scenario/import/import_parts.h"
#include "scenario/import/line_prefix.h"
#include "scenario/import/log_requests.h"
#include "scenario/import/server_log.h"
#include "scenario/import/statement_shape.h"

using namespace poolgauge;

namespace {

std::string sample_file(const std::string& name) {
  std::ifstream file(std::string(POOLGAUGE_SOURCE_DIR) + "/tests/data/imports/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE(!text.str().empty());
  return text.str();
}

ImportOptions plain_options() {
  ImportOptions options;
  options.arrivals_file = "x.arrivals.csv";
  return options;
}

ImportedScenario log_import(const std::string& log, LogFormat format = LogFormat::csv,
                            const ImportOptions& options = plain_options()) {
  auto result = import_log(log, "x.log", format, options);
  if (const auto* bad = std::get_if<Diagnostic>(&result)) FAIL(to_text(*bad));
  return std::get<ImportedScenario>(std::move(result));
}

std::string notes_of(const ImportedScenario& imported) {
  std::string text;
  for (const std::string& note : imported.notes) text += note + "\n";
  return text;
}

CsvTable arrivals_of(const ImportedScenario& imported) {
  auto table = read_csv_table(imported.arrivals);
  REQUIRE(table.ok());
  return std::move(table).value();
}

/// Statements of one session, each 2 ms long, as a text log has them.
std::string text_log(const std::string& prefix, const std::string& fraction = ".123") {
  std::string log;
  const auto line = [&](int second, const std::string& message) {
    std::string start = prefix;
    const std::string time = "2026-03-03 08:00:0" + std::to_string(second) + fraction + " UTC";
    start.replace(start.find("TIME"), 4, time);
    log += start + message + "\n";
  };
  line(0, "LOG:  duration: 2.000 ms  statement: BEGIN");
  line(1, "LOG:  duration: 0.100 ms  parse <unnamed>: SELECT a\n\tFROM t WHERE id = $1");
  line(1, "LOG:  duration: 0.200 ms  bind <unnamed>: SELECT a\n\tFROM t WHERE id = $1");
  line(1, "DETAIL:  parameters: $1 = '5'");
  line(1, "LOG:  duration: 2.000 ms  execute <unnamed>: SELECT a\n\tFROM t WHERE id = $1");
  line(1, "DETAIL:  parameters: $1 = '5'");
  line(2, "LOG:  duration: 2.000 ms  statement: COMMIT");
  line(3, "LOG:  checkpoint starting: time");
  return log;
}

}  // namespace

TEST_CASE("values that were seen together stay together, as often as they were seen", "[import]") {
  const ImportedScenario imported = log_import(sample_file("log-between.csv"));
  const Json scenario = Json::parse(imported.json);
  REQUIRE(scenario["requests"].size() == 1);
  const CsvTable table = arrivals_of(imported);
  REQUIRE(table.names == std::vector<std::string>{"arrival_s", "request", "v1", "v2"});
  REQUIRE(table.rows.size() == 300);
  for (const auto& row : table.rows) CHECK(std::stol(row[3]) - std::stol(row[2]) == 10);
  const Json& variables = scenario["variables"];
  for (const char* name : {"r1_v1", "r1_v2"}) {
    CHECK(variables[name]["csv"]["together"] == true);
    CHECK(variables[name]["csv"]["order"] == "in turn");
  }
  // Sent as it was: with parameters, its text every time.
  CHECK(scenario["requests"][0]["steps"][0]["protocol"] == "extended");
}

TEST_CASE("savepoints that are named anew each time are no other kinds", "[import]") {
  const ImportedScenario imported = log_import(sample_file("log-savepoints.csv"));
  const Json scenario = Json::parse(imported.json);
  REQUIRE(scenario["requests"].size() == 1);
  CHECK(scenario["requests"][0]["weight"] == 80);
  CHECK(arrivals_of(imported).rows.size() == 80);
  CHECK(notes_of(imported).find("left out") == std::string::npos);
}

TEST_CASE("what changes in a name or a list is no part of a shape", "[import]") {
  const auto key = [](const std::vector<std::string>& statements) {
    ChangingNames names;
    std::string keys;
    for (const std::string& sql : statements) {
      names.see(sql);
      keys += shape_of(sql, {"1", "2", "3"}, &names).key + "\n";
    }
    return keys;
  };
  CHECK(key({"SAVEPOINT a1", "SAVEPOINT b1", "ROLLBACK TO SAVEPOINT b1;"}) ==
        key({"SAVEPOINT x", "SAVEPOINT \"y\"", "ROLLBACK TO SAVEPOINT \"y\""}));
  CHECK(key({"SAVEPOINT a", "SAVEPOINT b", "RELEASE a"}) !=
        key({"SAVEPOINT a", "SAVEPOINT b", "RELEASE b"}));
  // A table that is called as a savepoint is not one.
  CHECK(key({"SAVEPOINT items", "SELECT * FROM items"}) ==
        key({"SAVEPOINT x7", "SELECT * FROM items"}));
  CHECK(key({"DECLARE c_1 CURSOR FOR SELECT 1", "FETCH 10 FROM c_1", "CLOSE c_1"}) ==
        key({"DECLARE c_2 CURSOR FOR SELECT 1", "FETCH 10 FROM c_2", "CLOSE c_2"}));
  CHECK(key({"CREATE TEMP TABLE t_1 (a int)", "INSERT INTO t_1 VALUES (1)", "DROP TABLE t_1"}) ==
        key({"CREATE TEMP TABLE t_2 (a int)", "INSERT INTO t_2 VALUES (2)", "DROP TABLE t_2"}));
  CHECK(key({"SELECT a FROM t WHERE id IN (1, 2, 3)"}) == key({"SELECT a FROM t WHERE id IN (7)"}));
  CHECK(key({"SELECT a FROM t WHERE id NOT IN ($1, $2)"}) ==
        key({"SELECT a FROM t WHERE id NOT IN ($1)"}));
  CHECK(key({"SELECT 1 /* request 7 */ ;"}) == key({"SELECT 1 /* request 8 */"}));
  // What is not a list of constants stays as it is.
  CHECK(key({"SELECT a FROM t WHERE id IN (1, x)"}) != key({"SELECT a FROM t WHERE id IN (1)"}));
  const StatementShape list = shape_of("SELECT a FROM t WHERE s IN ('a', 'b\"c', $2)", {"", "z"});
  REQUIRE(list.constants.size() == 1);
  CHECK(list.constants[0].value == "{\"a\",\"b\\\"c\",\"z\"}");
}

TEST_CASE("an IN list of changing length becomes an array", "[import]") {
  std::string log;
  int number = 0;
  for (const char* list : {"(1, 2, 3)", "(4)", "(5, 6)"}) {
    log += "2026-01-31 12:00:0" + std::to_string(number++) +
           ".000 UTC,app,app,1,[local],a,1,SELECT,2026-01-31 11:00:00 UTC,3/0,0,LOG,00000," +
           "\"duration: 1.000 ms  statement: SELECT x FROM t WHERE id IN " + list +
           "\",,,,,,,,,app,client backend,,0\n";
  }
  const ImportedScenario imported = log_import(log);
  const Json scenario = Json::parse(imported.json);
  REQUIRE(scenario["requests"].size() == 1);
  CHECK(scenario["requests"][0]["steps"][0]["sql"] == "SELECT x FROM t WHERE id = ANY (:r1_v1)");
  CHECK(arrivals_of(imported).rows[2][2] == "{5,6}");
}

TEST_CASE("what a log cannot contain is said first", "[import]") {
  const ImportedScenario imported = log_import(sample_file("log-only-slow.csv"));
  CHECK(imported.notes.front().find("warning: the log contains only slow statements") == 0);
  CHECK(imported.notes.front().find("probably 500 ms") != std::string::npos);
  // A log of everything says nothing of the kind.
  CHECK(notes_of(log_import(sample_file("log-between.csv"))).find("slow") == std::string::npos);
}

TEST_CASE("a log that is cut off gives what is whole", "[import]") {
  const ImportedScenario imported = log_import(sample_file("log-cut-off.csv"));
  CHECK(notes_of(imported).find("1 entry is truncated and skipped (the first: line 200)") !=
        std::string::npos);
  CHECK(arrivals_of(imported).rows.size() >= 30);
  // Its beginning may be missing, too, and more than its ends is another file.
  const std::string whole = sample_file("log-between.csv");
  CHECK(arrivals_of(log_import(whole.substr(57))).rows.size() == 299);
  std::string broken;
  for (std::size_t at = 0; at < 4000;) {
    const std::size_t end = whole.find('\n', at) + 1;
    broken += whole.substr(at, end - at) + "a,b\n";
    at = end;
  }
  const auto refused = import_log(broken, "x.log", LogFormat::csv, plain_options());
  CHECK(std::holds_alternative<Diagnostic>(refused));
  std::string json;
  for (int i = 0; i < 3; ++i) {
    json += R"({"timestamp":"2026-01-31 12:00:00.010 UTC","session_id":"a","vxid":"3/0",)"
            R"("error_severity":"LOG","message":"duration: 1.000 ms  statement: SELECT 1"})"
            "\n";
  }
  const ImportedScenario of_json = log_import(json + json.substr(0, 40), LogFormat::json);
  CHECK(arrivals_of(of_json).rows.size() == 3);
  CHECK(notes_of(of_json).find("line 4") != std::string::npos);
}

TEST_CASE("a share of the load that is left out is a warning", "[import]") {
  ImportOptions options = plain_options();
  options.top = 1;
  std::string log = sample_file("log-between.csv");
  log += sample_file("log-only-slow.csv");
  const ImportedScenario imported = log_import(log, LogFormat::csv, options);
  CHECK(imported.notes.front().find("warning: 16.7 % of the load is skipped: 60 of 360 requests") ==
        0);
  CHECK(imported.notes.front().find("use --top 2 to keep them") != std::string::npos);
}

TEST_CASE("text logs with the prefixes of distributions and services", "[import]") {
  struct Row {
    const char* start;
    const char* prefix;
  };
  for (const Row& row :
       {Row{"TIME [4711] ", "%m [%p] "}, Row{"TIME [4711] app@shop ", "%m [%p] %q%u@%d "},
        Row{"TIME [4711]: [3-1] db=shop,user=app ", "%m [%p]: [%l-1] db=%d,user=%u "},
        Row{"10.0.0.9 TIME [4711] app@shop ", "%h %m [%p] %q%u@%d "}}) {
    CAPTURE(row.prefix);
    const auto read = read_text_log(text_log(row.start), "");
    REQUIRE(std::holds_alternative<ServerLog>(read));
    const auto& log = std::get<ServerLog>(read);
    CHECK(log.prefix == row.prefix);
    const auto sessions = sessions_of(log.entries);
    REQUIRE(sessions.size() == 1);
    REQUIRE(sessions[0].statements.size() == 3);
    const LoggedStatement& select = sessions[0].statements[1];
    CHECK(select.sql == "SELECT a\nFROM t WHERE id = $1");
    CHECK(select.parameters.at(0) == "5");
    CHECK(select.protocol == Protocol::extended);
    CHECK(sessions[0].statements[0].protocol == Protocol::simple);
  }
}

TEST_CASE("times of whole seconds are spread, and tell no idle times", "[import]") {
  for (const auto& [start, prefix] :
       {std::pair{"TIME:10.0.0.9(5000):app@shop:[4711]:", "%t:%r:%u@%d:[%p]:"},
        std::pair{"TIME-69a6c000.64-", "%t-%c-"}}) {
    CAPTURE(prefix);
    const auto read = read_text_log(text_log(start, ""), "");
    REQUIRE(std::holds_alternative<ServerLog>(read));
    CHECK(std::get<ServerLog>(read).prefix == prefix);
    CHECK(std::get<ServerLog>(read).whole_seconds);
    const ImportedScenario imported = log_import(text_log(start, ""), LogFormat::text);
    CHECK(imported.json.find("\"hold\"") == std::string::npos);
    CHECK(notes_of(imported).find("whole seconds") != std::string::npos);
  }
}

TEST_CASE("any prefix can be given, and an unusual one is found by its looks", "[import]") {
  const std::string log = text_log("<TIME> session=69a6c000.64 app=web-7 line=12 ");
  const auto detected = read_text_log(log, "");
  REQUIRE(std::holds_alternative<ServerLog>(detected));
  CHECK(sessions_of(std::get<ServerLog>(detected).entries).size() == 1);
  const auto given = read_text_log(log, "<%m> session=%c app=%a line=%l ");
  REQUIRE(std::holds_alternative<ServerLog>(given));
  CHECK(sessions_of(std::get<ServerLog>(given).entries)[0].statements.size() == 3);
  const auto problem_of = [&log](const std::string& prefix) {
    const auto read = read_text_log(log, prefix);
    REQUIRE(std::holds_alternative<LogProblem>(read));
    return std::get<LogProblem>(read).message;
  };
  CHECK(problem_of("%m ").find("needs %p or %c") != std::string::npos);
  CHECK(problem_of("[%p] ").find("needs %m, %t, or %n") != std::string::npos);
  CHECK(problem_of("%m [%p] ").find("no line starts with") != std::string::npos);
}

TEST_CASE("a padded prefix, seconds since 1970, and an end without its line's end", "[import]") {
  const std::string log =
      "1772524800.123 app        [  77] LOG:  duration: 1.000 ms  statement: SELECT 1\n"
      "1772524800.223 app        [  77] LOG:  duration: 1.000 ms  statement: SELECT 2, fro";
  const auto read = read_text_log(log, "%n %-10u [%4p] ");
  REQUIRE(std::holds_alternative<ServerLog>(read));
  CHECK(std::get<ServerLog>(read).entries.size() == 1);
  CHECK(std::get<ServerLog>(read).entries[0].time_s == Approx(1772524800.123));
  CHECK(std::get<ServerLog>(read).unread == 1);
}

TEST_CASE("a cursor WITH HOLD keeps its statements together, and a table its drop", "[import]") {
  LoggedSession session;
  int at = 0;
  for (const char* sql :
       {"DECLARE \"c_77\" NO SCROLL CURSOR WITH HOLD FOR SELECT 1", "FETCH 10 FROM \"c_77\"",
        "CLOSE \"c_77\"", "SELECT 1", "FETCH 10 FROM nobody", "BEGIN",
        "CREATE TEMP TABLE t_9 (a int)", "COMMIT"}) {
    LoggedStatement statement{1, sql, {}, "3/0", 1.0 * at, 0.5 + at};
    session.statements.push_back(statement);
    ++at;
  }
  const std::vector<LoggedSession> sessions{session};
  const LoggedRequests logged = requests_of(sessions);
  REQUIRE(logged.requests.size() == 3);
  CHECK(logged.requests[0].statements.size() == 3);
  CHECK(logged.requests[1].statements.size() == 1);
  CHECK(logged.unreplayable == 1);
  CHECK(logged.requests[2].names.left_behind() == std::vector<std::string>{"t_9"});
}
