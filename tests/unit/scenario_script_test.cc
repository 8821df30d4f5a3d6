// pgbench scripts: cut into commands, made part of a scenario, refused with their own line.
#include "scenario/read/read_spec.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "scenario/read/statement.h"
#include "scenario_text.h"

using namespace poolgauge;
using namespace scenario_test;

namespace {

using Kind = PgbenchCommand::Kind;

std::vector<PgbenchCommand> commands(const std::string& text) {
  const PgbenchScript script = split_pgbench_script(text);
  for (const PgbenchProblem& problem : script.problems) FAIL(problem.message);
  return script.commands;
}

std::string only_problem(const std::string& text) {
  const PgbenchScript script = split_pgbench_script(text);
  REQUIRE(script.problems.size() == 1);
  return script.problems[0].message;
}

/// A scenario whose only request is the script.
std::string scenario_with(const std::string& script, const std::string& more = "") {
  std::string text;
  for (const char c : script) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
  }
  return R"({ "version": 1, "name": "s", "requests": [{ "include": "mix.sql", "text": ")" + text +
         "\"" + more + R"(}], "load": { "users": 1 } })";
}

RequestSpec request_of(const std::string& script, const std::string& more = "") {
  return good(scenario_with(script, more)).requests.at(0);
}

}  // namespace

TEST_CASE("a script is cut at semicolons and at meta-commands") {
  const auto found = commands(
      "-- comment; with a semicolon\n"
      "\\set a 1 + \\\n"
      "  2\n"
      "SELECT ';' || $$;$$, (1;2)\n"
      "  FROM t;  SELECT 2 \\gset x_\n"
      "\\if :a > 1\n"
      "\\sleep 10 ms\n"
      "\\endif\n"
      "SELECT 3 \\; SELECT 4;\n"
      "SELECT 5\n");
  REQUIRE(found.size() == 9);
  CHECK(found[0].kind == Kind::set);
  CHECK(found[0].name == "a");
  CHECK(found[0].text == "1 +  \n  2");
  CHECK(found[0].line == 2);
  CHECK(found[1].text == "SELECT ';' || $$;$$, (1;2)\n  FROM t");
  CHECK(found[1].line == 4);
  CHECK(found[2].text == "SELECT 2");
  CHECK(found[2].line == 5);
  CHECK(found[3].kind == Kind::gset);
  CHECK(found[3].text == "x_");
  CHECK(found[4].kind == Kind::if_true);
  CHECK(found[5].kind == Kind::sleep);
  CHECK(found[6].kind == Kind::end_if);
  CHECK(found[7].combined);
  CHECK(split_pgbench_script("SELECT 1;\nSELECT 5").commands.size() == 2);
}

TEST_CASE("what pgbench has and we have not is refused, as is what is broken") {
  CHECK(only_problem("\\startpipeline\n") == "pipelines are not supported");
  CHECK(only_problem("\\setshell x echo 1\n").find("no shell") != std::string::npos);
  CHECK(only_problem("SELECT 1 \\aset\n").find("\\aset") == 0);
  CHECK(only_problem("\\endif\n") == "\\endif without \\if");
  CHECK(only_problem("\\if 1\n") == "this \\if has no \\endif");
  CHECK(only_problem("\\if 1\n\\else\n\\elif 2\n\\endif\n") == "\\elif after \\else");
  CHECK(only_problem("\\set\n") == "expected a variable's name");
  CHECK(only_problem("\\set a\n") == "expected an expression after the variable");
  CHECK(only_problem("SELECT 1;\n\\gset\n").find("\\gset must follow") == 0);
  CHECK(only_problem("SELECT 'open\n") == "this string or comment is not closed");
  const PgbenchScript script = split_pgbench_script("SELECT 1;\n\\slep 1\n");
  REQUIRE(script.problems.size() == 1);
  CHECK(script.problems[0].offset == 10);
  CHECK(script.problems[0].nearest == "\\sleep");
}

TEST_CASE("a weight follows the last @ of the file's name") {
  CHECK(weighted_file("a.sql").weight == 1);
  CHECK(weighted_file("a.sql@3").weight == 3);
  CHECK(weighted_file("a.sql@3").file == "a.sql");
  CHECK(weighted_file("a@b/c.sql").file == "a@b/c.sql");
  CHECK(weighted_file("a.sql@x").weight == -1);
  CHECK(good(with("\"include\": \"mix.sql\"", "\"include\": \"mix.sql@7\"",
                  scenario_with("SELECT 1;")))
            .requests[0]
            .weight == 7);
  CHECK(complaint(with("mix.sql", "mix.sql@0", scenario_with("SELECT 1;")))
            .find("expected a number above 0 after the @") != std::string::npos);
}

TEST_CASE("a script becomes a request: steps for its statements and sleeps, lines for the rest") {
  const RequestSpec request = request_of(
      "\\set aid random(1, 10 * :scale)\n"
      "BEGIN;\n"
      "UPDATE t SET a = :aid;\n"
      "\\sleep :aid us\n"
      "\\sleep 2\n"
      "END;\n");
  CHECK(request.name == "mix");
  REQUIRE(request.steps.size() == 5);
  CHECK(request.steps[0].name == "line 2 begin");
  CHECK(request.steps[0].effect == TransactionEffect::begins);
  CHECK(request.steps[1].sql.text == "UPDATE t SET a = $1");
  CHECK(request.steps[1].protocol == Protocol::prepared);
  CHECK(request.steps[2].kind == StepKind::hold);
  CHECK(request.steps[2].time_variable.has_value());
  CHECK(request.steps[2].time_unit == std::chrono::microseconds(1));
  CHECK(std::get<FixedDuration>(request.steps[3].time).value == std::chrono::seconds(2));
  CHECK(request.steps[4].effect == TransactionEffect::ends);
  REQUIRE(request.lines.size() == 6);
  CHECK(request.lines[0].kind == ScriptLine::Kind::set);
  CHECK(request.lines[0].place == "mix.sql:1");
  CHECK(request.lines[1].kind == ScriptLine::Kind::step);
}

TEST_CASE("branches become distances") {
  const RequestSpec request = request_of(
      "\\set a 1\n"      // 0
      "\\if :a = 1\n"    // 1
      "SELECT 1;\n"      // 2
      "\\elif :a = 2\n"  // 3 skip, 4
      "SELECT 2;\n"      // 5
      "\\else\n"         // 6 skip
      "SELECT 3;\n"      // 7
      "\\endif\n"
      "SELECT 4;\n");  // 8
  using K = ScriptLine::Kind;
  REQUIRE(request.lines.size() == 9);
  CHECK(request.lines[1].kind == K::unless);
  CHECK(1 + 1 + request.lines[1].ahead == 4);
  CHECK(request.lines[3].kind == K::skip);
  CHECK(3 + 1 + request.lines[3].ahead == 8);
  CHECK(4 + 1 + request.lines[4].ahead == 7);
  CHECK(6 + 1 + request.lines[6].ahead == 8);
}

TEST_CASE("statements that parameters cannot serve go out as text") {
  const RequestSpec quoted = request_of("\\set a 1\nSELECT 'x:a', :a, '10:30', b::int;\n");
  CHECK(quoted.steps[0].protocol == Protocol::simple);
  CHECK(quoted.steps[0].verbatim);
  CHECK(quoted.steps[0].sql.text == "SELECT 'x$1', $1, '10:30', b::int");
  CHECK(quoted.steps[0].sql.shifts.size() == 2);
  CHECK(request_of("SELECT 1 \\; SELECT 2;").steps[0].protocol == Protocol::simple);
  CHECK(request_of("SELECT 1;", ", \"protocol\": \"simple\"").steps[0].verbatim);
  CHECK_FALSE(request_of("SELECT '10:30', :client_id;").steps[0].verbatim);
}

TEST_CASE("\\gset keeps what the scripts use of a row") {
  const Scenario scenario = good(scenario_with(
      "SELECT 1 AS one, 2 AS two \\gset r_\n\\set sum :r_one + 1\nSELECT :r_two, :sum;\n"));
  const Step& step = scenario.requests[0].steps[0];
  CHECK(step.wants_row);
  REQUIRE(step.results.size() == 2);
  CHECK(step.results[0].column == "one");
  CHECK(scenario.variables[step.results[0].variable].name == "r_one");
}

TEST_CASE("mistakes in a script are said with its own file, line and column") {
  CHECK(complaint(scenario_with("SELECT 1;\n\\set a 1 +\n")).find("mix.sql:2:11\n") == 0);
  CHECK(complaint(scenario_with("SELECT 1;\n  SELECT :nobody;\n")).find("mix.sql:2:10\n") == 0);
  CHECK(complaint(scenario_with("\\shell ls\nSELECT 1;\n")).find("mix.sql:1:1\n") == 0);
  CHECK(complaint(scenario_with("\\set a random(1)\nSELECT 1;\n")).find("mix.sql:1:8\n") == 0);
  CHECK(complaint(scenario_with("\\sleep 5 min\nSELECT 1;\n")).find("us, ms, or s") !=
        std::string::npos);
  CHECK(complaint(scenario_with("\\set a 1\n")).find("no SQL command") != std::string::npos);
  const std::string declared =
      with("\"requests\"", R"("variables": { "a": { "uniform": [1, 2] } }, "requests")",
           scenario_with("\\set a 1\nSELECT 1;"));
  CHECK(complaint(declared).find("the scenario declares this variable") != std::string::npos);
  const std::string missing = R"({ "version": 1, "name": "s", "requests": [
    { "include": "no/such.sql" } ], "load": { "users": 1 } })";
  CHECK(complaint(missing).find("s.json:2:18: /requests/0/include\n  no such file") == 0);
  CHECK(complaint(scenario_with("SELECT 1;", ", \"steps\": []")).find("not both") !=
        std::string::npos);
}

TEST_CASE("a script among steps, and its resolved form, which needs no file") {
  const std::string text = R"({ "version": 1, "name": "s",
    "variables": { "scale": { "choice": ["3"] } },
    "requests": [ { "name": "both", "transaction": true, "steps": [
      { "name": "first", "sql": "SELECT 0" },
      { "include": "mix.sql", "text": "\\set a :scale\nSELECT :a;\n" },
      { "name": "last", "sql": "SELECT :a" } ] } ],
    "load": { "users": 1 } })";
  const Scenario scenario = good(text);
  const RequestSpec& request = scenario.requests[0];
  REQUIRE(request.steps.size() == 3);
  REQUIRE(request.lines.size() == 4);
  CHECK(request.lines[1].kind == ScriptLine::Kind::set);
  CHECK(request.lines[3].step == 2);
  const Scenario again = good(scenario.resolved_json);
  CHECK(again.resolved_json == scenario.resolved_json);
  CHECK(again.requests[0].steps[1].sql.text == "SELECT $1");
  // No file beside, no decision: a plain request.
  CHECK(request_of("SELECT 1;\nSELECT 2;").lines.empty());
}

TEST_CASE("what a statement does to its transaction") {
  CHECK(effect_of("begin") == TransactionEffect::begins);
  CHECK(effect_of(" /* x */ START TRANSACTION READ ONLY") == TransactionEffect::begins);
  CHECK(effect_of("END;") == TransactionEffect::ends);
  CHECK(effect_of("ROLLBACK TO SAVEPOINT a") == TransactionEffect::none);
  CHECK(effect_of("ROLLBACK WORK TO a") == TransactionEffect::none);
  CHECK(effect_of("rollback") == TransactionEffect::ends);
  CHECK(effect_of("SELECT 1") == TransactionEffect::none);
}

TEST_CASE("commands, functions and units are known in any case, as to pgbench", "[script]") {
  const auto found =
      commands("\\SET n RANDOM(1, 2)\n\\Sleep 10 MS\n\\IF :n > 1 And TRUE\nSELECT 1;\n\\EndIf\n");
  REQUIRE(found.size() == 5);
  CHECK(found[0].kind == Kind::set);
  const RequestSpec request =
      request_of("\\SET n Random_Zipfian(1, 2, 1.001)\n\\Sleep 10 MS\nSELECT :n;\n");
  CHECK(request.steps.size() == 2);
}

TEST_CASE("one mistake of a script is one error", "[script]") {
  const auto count = [](const std::string& script) {
    return mistakes(scenario_with(script)).size();
  };
  CHECK(count("\\sett n 1\nSELECT :n;\nINSERT INTO t VALUES (:n, :n);\n") == 1);
  CHECK(count("\\set n random(1, \nSELECT :n;\n") == 1);
  CHECK(count("SELECT :n;\nSELECT :n, :n;\n\\set m :n + 1\nSELECT :m;\n") == 1);
  // Two mistakes are two.
  CHECK(count("\\set x 1 +\n\\startpipeline\nSELECT 1;\n") == 2);
  CHECK(count("\\startpipeline\n") == 1);
  CHECK(count("\\set n 1\nSELECT 'open;\n") == 1);
}
