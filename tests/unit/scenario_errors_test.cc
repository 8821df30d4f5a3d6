// Bad scenarios: the exact words, all of them at once, and no text that breaks the reader.
#include <algorithm>

#include "base/rng.h"
#include "scenario_text.h"

using namespace scenario_test;

namespace {

/// Each change of the valid scenario, and the one complaint it must give.
struct Bad {
  std::string part;
  std::string other;
  std::string complaint;
};

/// The line under every goal that is refused.
const std::string kGrammar =
    "  goals are STATISTIC(METRIC) OP VALUE [over TIME] [for request NAME], for example "
    "p95(latency) "
    "< 300ms, rate(error) <= 0.1%, throughput >= 100/s\n";

void check_all(const std::vector<Bad>& table) {
  for (const Bad& bad : table) {
    INFO(bad.other);
    CHECK(complaint(with(bad.part, bad.other)) == bad.complaint + "\n");
  }
}

}  // namespace

TEST_CASE("unknown keys anywhere, with the nearest known") {
  check_all({
      {R"("duration")", R"("duraton")",
       "s.json:11:3: /duraton\n  unknown key; did you mean \"duration\"?"},
      {R"("duration")", R"("colour")", "s.json:11:3: /colour\n  unknown key"},
      {R"("think")", R"("thinks")",
       "s.json:10:25: /load/thinks\n  unknown key; did you mean \"think\"?"},
      {R"("transaction")", R"("transactoin")",
       "s.json:6:23: /requests/0/transactoin\n  unknown key; did you mean \"transaction\"?"},
      {R"("hold": "10ms")", R"("hold": "10ms", "nane": 1)",
       "s.json:8:42: /requests/0/steps/1/nane\n  unknown key; did you mean \"name\"?"},
      {R"("uniform")", R"("unifrom")",
       "s.json:4:26: /variables/id/unifrom\n  unknown key, expected uniform, zipf, gaussian, "
       "exponential, sequence, text, choice, or csv; did you mean \"uniform\"?"},
      {R"("pool_size")", R"("max_overfow")",
       "s.json:12:51: /deployment/pool/max_overfow\n  unknown option for kind \"sqlalchemy\"; did "
       "you mean \"max_overflow\"?\n  options of \"sqlalchemy\": pool_size, max_overflow, timeout, "
       "recycle, pre_ping, use_lifo, reset_on_return, version, fallback"},
      {R"("kind": "sqlalchemy")", R"("kind": "none")",
       "s.json:12:45: /deployment/pool/pool_size\n  unknown option for kind \"none\"\n  kind "
       "\"none\" has no options\n  kinds that have it: sqlalchemy, sqlalchemy-async"},
      {R"("kind": "sqlalchemy")", R"("kind": "sqlalchemi")",
       "s.json:12:37: /deployment/pool/kind\n  found \"sqlalchemi\"; did you mean "
       "\"sqlalchemy\"?\n  expected sqlalchemy, sqlalchemy-async, sqlalchemy-null, psycopg, "
       "psycopg-null, hikari, asyncpg, node-postgres, pgx, database-sql, rails, prisma, adaptive, "
       "none, or fixed"},
  });
}

TEST_CASE("missing keys are reported at the object that lacks them") {
  check_all({
      {R"("version": 1,)", "", "s.json:1:1: /version\n  missing; expected 1"},
      {R"("name": "small",)", "", "s.json:1:1: /name\n  missing; expected the scenario's name"},
      {R"("load": { "users": 5, "think": "1s" },)", "",
       "s.json:1:1: /load\n  missing; expected users, a rate, a burst, stages, or a replay"},
      {R"("sql": "SELECT :id")", R"("protocol": "simple")",
       "s.json:7:7: /requests/0/steps/0\n"
       "  expected one of sql, hold, pause, or include\n"
       "s.json:7:25: /requests/0/steps/0/protocol\n  protocol applies only to an sql step"},
      {R"({ "users": 5, "think": "1s" })", "{}",
       "s.json:10:11: /load\n  expected one of users, rate, burst, stages, or replay in the load"},
      {R"("hold": "10ms")", R"("hold": { "lognormal": { "median": "1s" } })",
       "s.json:8:49: /requests/0/steps/1/hold/lognormal/p95\n  missing; expected a duration"},
  });
}

TEST_CASE("values of the wrong type or out of range") {
  check_all({
      {R"("version": 1)", R"("version": 2)",
       "s.json:2:14: /version\n  expected 1 (the only version), found 2"},
      {R"("small")", R"("a/b")",
       "s.json:3:11: /name\n  expected a name of 1 to 100 bytes without / \\ ( ), not starting "
       "with a dot or a space, found \"a/b\""},
      {R"("users": 5)", R"("users": -5)",
       "s.json:10:22: /load/users\n  expected a whole number from 1 to 1000000, found -5"},
      {R"("users": 5)", R"("users": 5.5)",
       "s.json:10:22: /load/users\n  expected a whole number from 1 to 1000000, found 5.5"},
      {R"("users": 5)", R"("users": 99999999999999999999)",
       "s.json:10:22: /load/users\n  expected a whole number from 1 to 1000000, found 1e+20"},
      {R"("20s")", R"(20)",
       "s.json:11:15: /duration\n  expected a duration such as \"250ms\" or \"1.5s\", found 20; "
       "did you "
       "mean \"20s\"?"},
      {R"("20s")", R"("0s")",
       "s.json:11:15: /duration\n  expected a duration above zero, found \"0s\""},
      {R"("20s")", R"("400d")",
       "s.json:11:15: /duration\n  expected a duration of at most 365d, found \"400d\""},
      {R"("20s")", R"("20")",
       "s.json:11:15: /duration\n  expected a unit after the number: ns, us, ms, s, m, h, or d, "
       "found \"20\"; did you mean \"20s\"?"},
      {R"("pool_size": 2)", R"("pool_size": "2")",
       "s.json:12:64: /deployment/pool/pool_size\n  expected a whole number from 0 to 262143, "
       "found \"2\"\n  remove the quotes: write 2"},
      {R"("pool_size": 2)", R"("timeout": -1)",
       "s.json:12:62: /deployment/pool/timeout\n  expected a duration such as \"30s\", a number of "
       "seconds, found -1"},
      {R"("pool_size": 2)", R"("recycle": -2)",
       "s.json:12:62: /deployment/pool/recycle\n  expected a duration such as \"30s\", a number of "
       "seconds, or -1 for off, found -2"},
      {R"("pool_size": 2)", R"("pre_ping": 1)",
       "s.json:12:63: /deployment/pool/pre_ping\n  expected true or false, found 1"},
      {R"("pool_size": 2)", R"("reset_on_return": "rolback")",
       "s.json:12:70: /deployment/pool/reset_on_return\n  expected rollback, commit, or none, "
       "found "
       "\"rolback\"; did you mean \"rollback\"?"},
      {R"("pool": {)", R"("instances": 10000, "processes": 11, "pool": {)",
       "s.json:12:52: /deployment/processes\n  expected at most 100000 processes in total over all "
       "instances, found 110000"},
      {R"("steps": [
      { "name": "read", "sql": "SELECT :id" },
      { "name": "model", "hold": "10ms" } ])",
       R"("steps": [])",
       "s.json:6:53: /requests/0/steps\n  expected a list of at least one step, found []"},
      {R"([ "p95(latency) < 1s" ])", R"([ "p95(step:raed) < 1s", 5 ])",
       "s.json:13:12: /slo/0\n  expected the name of a step, found \"raed\"; did you mean "
       "\"read\"?\n  known names: read, chat.read, model, chat.model\n"
       "s.json:13:35: /slo/1\n  expected a goal such as \"p95(latency) < 500ms\", found 5\n" +
           kGrammar.substr(0, kGrammar.size() - 1)},
      {R"("transaction": true)", R"("transaction": "readonly")",
       "s.json:6:38: /requests/0/transaction\n  found \"readonly\"; did you mean \"read only\"?\n  "
       "expected true, false, \"read only\", "
       "\"read committed\", \"repeatable read\", \"repeatable read, read only\", "
       "\"serializable\", \"serializable, read only\", "
       "\"serializable, read only, deferrable\", \"immediate\" or \"exclusive\""},
  });
}

TEST_CASE("distributions that make no sense") {
  const std::string at = "/requests/0/steps/1/hold";
  check_all({
      {R"("10ms")", R"({ "lognormal": { "median": "4s", "p95": "3s" } })",
       "s.json:8:74: " + at +
           "/lognormal/p95\n  expected more than the median, \"4s\", found "
           "\"3s\""},
      {R"("10ms")", R"({ "lognormal": { "median": "4s", "p95": "4s" } })",
       "s.json:8:74: " + at +
           "/lognormal/p95\n  expected more than the median, \"4s\", found "
           "\"4s\""},
      {R"("10ms")", R"({ "lognormal": { "median": "0s", "p95": "4s" } })",
       "s.json:8:61: " + at + "/lognormal/median\n  expected a duration above zero, found \"0s\""},
      {R"("10ms")", R"({ "uniform": ["2ms", "1ms"] })",
       "s.json:8:55: " + at +
           "/uniform/1\n  expected at least the shortest, \"2ms\", found "
           "\"1ms\""},
      {R"("10ms")", R"({ "uniform": ["2ms"] })",
       "s.json:8:47: " + at + "/uniform\n  expected [shortest, longest], found a list"},
      {R"("10ms")", R"({ "uniform": ["2ms", "3ms", "4ms"] })",
       "s.json:8:47: " + at + "/uniform\n  expected [shortest, longest], found a list"},
      {R"("10ms")", R"({ "exponential": "0s" })",
       "s.json:8:51: " + at + "/exponential\n  expected a duration above zero, found \"0s\""},
      {R"("10ms")", R"({ "exponential": "-1s" })",
       "s.json:8:51: " + at + "/exponential\n  expected a duration without + or -, found \"-1s\""},
      {R"("10ms")", R"({ "normal": { "mean": "1s", "stddev": "-1s" } })",
       "s.json:8:72: " + at +
           "/normal/stddev\n  expected a duration without + or -, found "
           "\"-1s\""},
      {R"("10ms")", R"({ "empirical": [] })",
       "s.json:8:49: " + at + "/empirical\n  expected a list of at least one duration, found []"},
      {R"("10ms")", R"({ "exponential": "1s", "uniform": ["1s", "2s"] })",
       "s.json:8:57: " + at +
           "/uniform\n  only one is allowed, and \"exponential\" is already set"},
      {R"("10ms")", "5",
       "s.json:8:34: " + at +
           "\n  expected a duration such as \"250ms\", or exponential, uniform, "
           "lognormal, normal, or empirical, found 5"},
      {R"("10ms")", "{}",
       "s.json:8:34: " + at +
           "\n  expected a duration such as \"250ms\", or exponential, uniform, "
           "lognormal, normal, or empirical, found {}"},
  });
}

TEST_CASE("variables that make no sense") {
  const auto one = [](const std::string& spec) {
    const auto found = mistakes(with(R"({ "uniform": [1, 10] })", spec));
    REQUIRE(found.size() == 1);
    return found[0].path + ": " + found[0].message;
  };
  CHECK(one(R"({"uniform": [2, 1]})") ==
        "/variables/id/uniform/1: the upper bound 1 is below the lower bound 2");
  CHECK(one(R"({"uniform": [1.5, 2]})").find("/variables/id/uniform/0: expected a whole") == 0);
  CHECK(one(R"({"uniform": 5})").find("expected [lowest, highest]") != std::string::npos);
  CHECK(one(R"({"zipf": {"range": [1, 9], "s": 0}})") ==
        "/variables/id/zipf/s: expected a number from 0.001 to 1000");
  CHECK(one(R"({"zipf": {"s": 1}})").find("/variables/id/zipf/range: missing") == 0);
  CHECK(one(R"({"gaussian": {"range": [1, 9], "parameter": 1}})") ==
        "/variables/id/gaussian/parameter: expected a number from 2 to 1000");
  CHECK(one(R"({"sequence": {"step": 0}})").find("other than zero") != std::string::npos);
  CHECK(one(R"({"text": -1})") == "/variables/id/text: expected a whole number from 0 to 1000000");
  CHECK(one(R"({"choice": []})").find("at least one value") != std::string::npos);
  CHECK(one(R"({"choice": [null]})").find("/variables/id/choice/0: expected a string") == 0);
  CHECK(one(R"({"choice": {"values": [1, 2], "weights": [1]}})") ==
        "/variables/id/choice/weights: expected a list of 2 weights, one per value");
  CHECK(one(R"({"choice": {"values": [1], "weights": [0]}})").find("/weights/0: expected") !=
        std::string::npos);
  CHECK(one(R"({"csv": {"column": "a"}})").find("/variables/id/csv/file: missing") == 0);
  CHECK(one(R"({"csv": {"file": "nothing.csv", "column": "a"}})") ==
        "/variables/id/csv/file: no such file");
  CHECK(one("5").find("/variables/id: expected an object with one of uniform") == 0);
  const auto renamed = mistakes(with(R"("id")", R"("1 id")"));
  REQUIRE(renamed.size() == 2);  // the name, and the statement that now has no :id
  CHECK(renamed[0].path == "/variables/1 id");
}

TEST_CASE("SQL: undeclared variables and several statements") {
  check_all({
      {"SELECT :id", "SELECT :di",
       "s.json:7:32: /requests/0/steps/0/sql\n  at character 8 of the SQL: expected a declared "
       "variable, found \":di\"; did you mean \":id\"?"},
      {"SELECT :id", "SELECT 1; SELECT 2",
       "s.json:7:32: /requests/0/steps/0/sql\n  at character 11 of the SQL: expected one "
       "statement; put each further statement into its own step, found \"SELECT\""},
      {"SELECT :id", "",
       "s.json:7:32: /requests/0/steps/0/sql\n  at character 1 of the SQL: expected an SQL "
       "statement, found \"\""},
      {R"(SELECT :id")", R"(SELECT 1", "protocol": "preprared")",
       "s.json:7:56: /requests/0/steps/0/protocol\n  expected simple, extended, or prepared, found "
       "\"preprared\"; did you mean \"prepared\"?"},
  });
}

TEST_CASE("steps: names, kinds, pauses") {
  check_all({
      {R"("model")", R"("read")",
       "s.json:8:17: /requests/0/steps/1/name\n  the name \"read\" is already used by "
       "/requests/0/steps/0/name; choose another"},
      {R"("name": "model", )", R"("sql": "SELECT 1", )",
       "s.json:8:7: /requests/0/steps/1\n  expected exactly one of sql, hold, pause, or include"},
      {R"("hold")", R"("pause")",
       "s.json:8:26: /requests/0/steps/1/pause\n  a transaction keeps its connection, so a pause "
       "is not possible; use hold, or set transaction to false"},
      {R"("load": { "users": 5,)", R"("load": { "users": 5, "rate": 5,)",
       "s.json:10:11: /load\n  expected exactly one of users, rate, burst, stages, or replay"},
      {R"("load": { "users": 5,)", R"("load": { "rate": 5,)",
       "s.json:10:24: /load/think\n  think applies only to a load with users"},
  });
  const std::string twice =
      with("\n  ],\n", ",\n { \"name\": \"chat\", \"steps\": [{\"hold\": \"1s\"}] }\n  ],\n");
  CHECK(complaint(twice) ==
        "s.json:9:12: /requests/1/name\n  the name \"chat\" is already used by /requests/0/name; "
        "choose another\n");
}

TEST_CASE("duplicate keys name both places") {
  check_all({{R"("duration")", R"("name": "small",
  "duration")",
              "s.json:11:3: /name\n  duplicate key; it first appears at line 3, column 3"},
             {R"("uniform": [1, 10])", R"("uniform": [1, 10], "uniform": [1, 10])",
              "s.json:4:46: /variables/id/uniform\n  duplicate key; it first appears at line 4, "
              "column 26"}});
}

TEST_CASE("every mistake at once, in the order of the text") {
  std::string text = with(R"("version": 1)", R"("version": "1")");
  text = with("SELECT :id", "SELECT :ID", text);
  text = with(R"("users": 5)", R"("usres": 5)", text);
  text = with(R"("20s")", R"("20 parsecs")", text);
  text = with(R"("pool_size": 2)", R"("pool_size": -1, "colour": 7)", text);
  text = with("p95", "p94", text);
  CHECK(complaint(text) ==
        R"(s.json:2:14: /version
  expected 1 (the only version), found "1"
s.json:7:32: /requests/0/steps/0/sql
  at character 8 of the SQL: expected a declared variable, found ":ID"; did you mean ":id"?
s.json:10:11: /load
  expected one of users, rate, burst, stages, or replay in the load
s.json:10:13: /load/usres
  unknown key; did you mean "users"?
s.json:10:25: /load/think
  think applies only to a load with users
s.json:11:15: /duration
  expected a unit after the number: ns, us, ms, s, m, h, or d, found "20 parsecs"
s.json:12:64: /deployment/pool/pool_size
  expected a whole number from 0 to 262143, found -1
s.json:12:68: /deployment/pool/colour
  unknown option for kind "sqlalchemy"
  options of "sqlalchemy": pool_size, max_overflow, timeout, recycle, pre_ping, use_lifo, )"
        R"(reset_on_return, version, fallback
s.json:13:12: /slo/0
  found "p94"; did you mean "p95(latency) < 1s"?
  at character 1 of "p94(latency) < 1s": )"
        R"(expected a statistic: p50, p90, p95, p99, p999, max, mean, rate, or throughput
)");
}

TEST_CASE("text that is no JSON is one mistake with its place") {
  check_all({
      {R"("name": "small",)", R"("name": "small")",
       "s.json:4:3\n  not valid JSON: expected a comma or }, found \"variables\"\n"
       "  add the missing comma before it"},
      {R"("20s",)", R"("20s",,)",
       "s.json:11:21\n  not valid JSON: expected a key in quotes, found \",\"\n"
       "  there are two commas; remove one"},
      {R"("20s")", R"(20s)",
       "s.json:11:15\n  not valid JSON: expected a number, true, false, or a string in quotes, "
       "found "
       "\"20s\"\n  put a value with a unit in quotes: write \"20s\""},
      {R"([ "p95(latency) < 1s" ])", R"([ "p95(latency) < 1s", ])",
       "s.json:13:31\n  not valid JSON: extra comma before ]\n  remove it: JSON does not allow "
       "trailing commas (JSON5 and JSONC do)"},
      {R"("users": 5)", R"("users": 1e999)",
       "s.json:10:22\n  expected a smaller number, found 1e999"},
  });
  CHECK(complaint("") ==
        "s.json:1:1\n  the file is empty\n  poolgauge scenario new FILE creates a scenario to "
        "start from\n");
  CHECK(complaint("[]") == "s.json:1:1\n  expected a scenario: an object in { }, found []\n");
  CHECK(complaint(std::string(200000, '[')) ==
        "s.json:1:1\n  nested too deeply (more than 100 levels)\n");
  CHECK(mistakes("{\"a\": \"\xff\"}").size() == 1);
}

TEST_CASE("more than a hundred mistakes are counted, not shown") {
  std::string keys;
  for (int i = 0; i < 250; ++i) keys += "\"colour" + std::to_string(i) + "\": 1,\n";
  const auto found = mistakes(with(R"("version": 1,)", R"("version": 1,)" + keys));
  REQUIRE(found.size() == 101);
  CHECK(found.back().message == "and 150 more mistakes");
}

TEST_CASE("server settings with strange names or values") {
  const auto settings = [](const std::string& body) {
    return mistakes(
        with(R"("version": 1,)", R"("version": 1, "server": {"settings": {)" + body + "}},"));
  };
  CHECK(settings(R"("Max-Connections": 5)")[0].found == "\"Max-Connections\"");
  CHECK(settings(R"("work_mem": null)")[0].message ==
        "expected a string, a number, true, or false");
  CHECK(settings(R"("work_mem": "1\nport=5")")[0].message == "expected a value on one line");
}

TEST_CASE("no spoiled scenario breaks the reader, and every mistake has a place in the text") {
  const std::vector<std::string> pieces{"{",        "}",       "[",    "]",    ",",  ":",  "\"",
                                        "-1",       "1e400",   "null", "true", "{}", "[]", "\"x\"",
                                        "//",       "/*",      "*/",   "\\",   "\n", "ä",  "\xff",
                                        "\"hold\"", "\"sql\"", ":id",  ";",    "'",  "$$"};
  Rng rng(11);
  const auto pick = [&rng](std::size_t size) {
    return static_cast<std::size_t>(rng.uniform_int(0, static_cast<std::int64_t>(size) - 1));
  };
  std::size_t accepted = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = kValid;
    for (std::int64_t i = rng.uniform_int(1, 3); i > 0; --i) {
      const std::size_t where = pick(text.size());
      const std::size_t length = std::min(pick(6), text.size() - where);
      text.replace(where, length, pieces[pick(pieces.size())]);
    }
    const ScenarioResult result = parse_scenario(text, "s.json", {});
    if (const auto* scenario = std::get_if<Scenario>(&result)) {
      ++accepted;
      REQUIRE(good(scenario->resolved_json).resolved_json == scenario->resolved_json);
      continue;
    }
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    std::size_t line = 0;
    for (const Diagnostic& d : std::get<std::vector<Diagnostic>>(result)) {
      REQUIRE_FALSE(d.message.empty());
      REQUIRE(d.line >= std::max<std::size_t>(line, 1));
      REQUIRE(d.line <= lines);
      REQUIRE(d.column >= 1);
      line = d.line;
    }
  }
  CHECK(accepted > 0);
}
