// pg_stat_statements from files, and what its parameters stand for.
#include <catch2/catch.hpp>

#include "poolgauge/import.h"
#include "scenario/import/statement_shape.h"
#include "scenario/json.h"

using namespace poolgauge;

namespace {

ServerStatements statements_in(const std::string& text) {
  auto read = read_statistics_file(text, "s.txt");
  if (const auto* bad = std::get_if<Diagnostic>(&read)) FAIL(to_text(*bad));
  return std::get<ServerStatements>(std::move(read));
}

void check_two(const std::string& text) {
  const ServerStatements server = statements_in(text);
  REQUIRE(server.statements.size() == 2);
  CHECK(server.statements[0].text == "SELECT a ||\n  $1 FROM t");
  CHECK(server.statements[0].calls == 30);
  CHECK(server.statements[0].mean_ms == Approx(0.5));
  CHECK(server.statements[0].rows_per_call == Approx(3));
  CHECK(server.statements[1].text == "DELETE FROM t WHERE id = $1");
}

Json scenario_of(const ServerStatements& server, std::string* notes = nullptr) {
  const ImportedScenario imported = import_statements(server, ImportOptions{});
  for (const std::string& note : imported.notes) {
    if (notes != nullptr) *notes += note + "\n";
  }
  return Json::parse(imported.json);
}

}  // namespace

TEST_CASE("the view as CSV and in psql's forms", "[import]") {
  check_two(
      "query,calls,mean_exec_time,rows\n\"SELECT a ||\n  $1 FROM t\",30,0.5,90\n"
      "DELETE FROM t WHERE id = $1,10,1,10\n");
  check_two(
      "            query            | calls | mean_exec_time | rows \n"
      "-----------------------------+-------+----------------+------\n"
      " SELECT a ||                +|    30 |            0.5 |   90\n"
      "   $1 FROM t                 |       |                |     \n"
      " DELETE FROM t WHERE id = $1 |    10 |              1 |   10\n"
      "(2 rows)\n\n");
  check_two(
      "calls|query|mean_exec_time|rows\n30|SELECT a ||\n  $1 FROM t|0.5|90\n"
      "10|DELETE FROM t WHERE id = $1|1|10\n(2 rows)\n");
  check_two(
      "query|calls|mean_exec_time|rows\nSELECT a ||\n  $1 FROM t|30|0.5|90\n"
      "DELETE FROM t WHERE id = $1|10|1|10\n");
  check_two(
      "-[ RECORD 1 ]--+----------------------------\n"
      "query          | SELECT a ||                +\n               |   $1 FROM t\n"
      "calls          | 30\nmean_exec_time | 0.5\nrows           | 90\n"
      "-[ RECORD 2 ]--+----------------------------\n"
      "query          | DELETE FROM t WHERE id = $1\n"
      "calls          | 10\nmean_exec_time | 1\nrows           | 10\n");
  CHECK(std::holds_alternative<Diagnostic>(read_statistics_file("a,b\n1,2\n", "s.txt")));
  CHECK(std::holds_alternative<Diagnostic>(read_statistics_file("", "s.txt")));
}

TEST_CASE("what parameters stand for", "[import]") {
  using Role = ParameterPlace::Role;
  const auto places = [](const std::string& sql) { return parameter_places(sql).places; };
  const auto select = places(
      "SELECT pg_sleep($1) FROM app.message m JOIN users AS u ON u.id = m.user_id "
      "WHERE m.user_id = $2 AND u.id IN ($3, $4) AND m.at BETWEEN $5 AND $6 LIMIT $7 OFFSET $8");
  REQUIRE(select.size() == 8);
  CHECK(select[0].role == Role::sleep);
  CHECK(select[1].table == "app.message");
  CHECK(select[1].column == "user_id");
  CHECK(select[3].table == "users");
  CHECK(select[4].column == "at");
  CHECK(select[5].column == "at");
  CHECK(select[6].role == Role::limit);
  CHECK(select[7].role == Role::offset);
  const auto insert = places("INSERT INTO t (id, \"a\") VALUES ($1, lower($2)), ($3, $4)");
  CHECK(insert[2].role == Role::inserted);
  CHECK(insert[2].column == "id");
  CHECK(insert[3].column == "a");
  CHECK(guessed_type(places("SELECT 1 FROM t WHERE created_at > $1")[0]).find("timestamp") == 0);
  CHECK(guessed_type(places("SELECT $1::uuid")[0]) == "uuid");
}

TEST_CASE("figures of the view and keys of the server give values, and changes are warned of",
          "[import]") {
  ServerStatements server;
  server.statements = {
      {"SELECT a FROM t WHERE u_id = $1 LIMIT $2",
       900,
       1,
       {{"bigint", {}}, {"bigint", {}}},
       5000,
       3.4},
      {"SELECT pg_sleep($1)", 10, 250, {{"double precision", {}}}, 0, 1.0},
      {"DELETE FROM t WHERE id = $1", 5, 1, {{"bigint", {}}}, 5000, 1.0},
      {"INSERT INTO t (id, u_id) VALUES ($1, $2)",
       5,
       1,
       {{"bigint", {}}, {"bigint", {}}},
       5000,
       1.0},
  };
  server.keys = {{"t", "id", "", std::pair<std::int64_t, std::int64_t>{1, 77}, {}, 77},
                 {"t", "u_id", "u.id", std::nullopt, {"5", "9"}}};
  std::string notes;
  const Json scenario = scenario_of(server, &notes);
  const Json& v = scenario["variables"];
  CHECK(v["s1_p1"] == Json{{"choice", {"5", "9"}}});
  CHECK(v["s1_p2"] == Json{{"choice", {"4"}}});
  CHECK(v["s2_p1"] == Json{{"choice", {"0.25"}}});
  CHECK(v["s3_p1"] == Json{{"uniform", {1, 77}}});
  CHECK(v["s4_p1"] == Json{{"sequence", 78}});
  CHECK(v["s4_p2"] == Json{{"choice", {"5", "9"}}});
  CHECK(notes.find("warning: a run permanently changes rows of the target") == 0);
  CHECK(notes.find("delete t, insert t") != std::string::npos);
  CHECK(notes.find("sleeps on the server; its mean time of 250 ms is used") != std::string::npos);
}

TEST_CASE("types are guessed where no server is asked, and that is said", "[import]") {
  ServerStatements server = statements_in(
      "query,calls,rows\nSELECT a FROM t WHERE u_id = $1 AND created_at > $2 LIMIT $3,30,90\n");
  guess_parameters(server);
  std::string notes;
  const Json scenario = scenario_of(server, &notes);
  CHECK(scenario["variables"]["s1_p1"] == Json{{"uniform", {1, 1000}}});
  CHECK(scenario["variables"]["s1_p3"] == Json{{"choice", {"3"}}});
  CHECK(notes.find("foreign keys are unknown; use --target") != std::string::npos);
}

TEST_CASE("pgbench's scripts are imported as pgbench sends them", "[import]") {
  CHECK(pgbench_builtin("tp")->path == "tpcb-like");
  CHECK_FALSE(pgbench_builtin("s"));  // two begin so
  CHECK_FALSE(pgbench_builtin("tpcc"));
  const auto select = pgbench_builtin("se");
  REQUIRE(select);
  ImportOptions options;
  const auto imported = import_pgbench({*select, {"a.sql", 3}}, options);
  const Json scenario = Json::parse(imported.json);
  CHECK(scenario["requests"][0]["protocol"] == "simple");
  CHECK(scenario["requests"][0]["text"].get<std::string>().find("SELECT abalance") !=
        std::string::npos);
  CHECK(scenario["requests"][1]["weight"] == 3);
  options.protocol = "prepared";
  CHECK(Json::parse(import_pgbench({*select}, options).json)["requests"][0]["protocol"] ==
        "prepared");
}
