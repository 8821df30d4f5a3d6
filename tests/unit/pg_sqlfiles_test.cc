// Setup and teardown files: split as psql does, errors with their place, stop requests obeyed.
#include "pg/target/existing_objects.h"

#include <sys/time.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "pg_server_fixture.h"
#include "sql/sql.h"

using namespace poolgauge;
using namespace poolgauge::test;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

namespace {

Texts texts_of(std::string_view text) {
  const SplitSql split = split_sql(text);
  CHECK(split.problems.empty());
  Texts texts;
  for (const SqlPiece& piece : split.pieces) {
    texts.push_back(piece.text);
    CHECK(text.substr(piece.offset, piece.text.size()) == piece.text);
  }
  return texts;
}

std::string problem_of(std::string_view text) {
  const SplitSql split = split_sql(text);
  if (split.problems.empty()) return "";
  const TextPlace place = place_of(text, split.problems.front().offset);
  return std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
         split.problems.front().message;
}

Status setup(const std::string& conninfo, const std::string& content,
             const std::string& teardown = "", const StopFlag& stop = never()) {
  Scenario scenario;
  scenario.setup = {{"setup.sql", content}};
  if (!teardown.empty()) scenario.teardown = {{"teardown.sql", teardown}};
  return run_setup(conninfo, scenario, stop);
}

Error setup_error(const std::string& content, const std::string& teardown = "") {
  const Status status = setup(shared_server().conninfo(), content, teardown);
  REQUIRE_FALSE(status.ok());
  return status.error();
}

StopFlag alarm_flag;
void on_alarm(int) {
  alarm_flag.request();
}

}  // namespace

TEST_CASE("statements end at the semicolons that count", "[pg]") {
  CHECK(texts_of("") == Texts{});
  CHECK(texts_of(" ;; -- nothing\n; /* at ; all */ ") == Texts{});
  CHECK(texts_of("SELECT 1; SELECT 2") == Texts{"SELECT 1", "SELECT 2"});
  CHECK(texts_of("-- first\nSELECT 1 -- one; still\n, 2;") == Texts{"SELECT 1 -- one; still\n, 2"});
  CHECK(texts_of("/* a /* nested; */ b; */ SELECT 1;") == Texts{"SELECT 1"});
  CHECK(texts_of("SELECT 'a;''b'; SELECT 2") == Texts{"SELECT 'a;''b'", "SELECT 2"});
  CHECK(texts_of("SELECT 'a\\'; SELECT 2") == Texts{"SELECT 'a\\'", "SELECT 2"});
  CHECK(texts_of("SELECT E'a\\';b'; SELECT 2") == Texts{"SELECT E'a\\';b'", "SELECT 2"});
  CHECK(texts_of("SELECT e'''\\';'; SELECT 2") == Texts{"SELECT e'''\\';'", "SELECT 2"});
  CHECK(texts_of("SELECT 1 AS \"x;\"\"y\"; SELECT 2") ==
        Texts{"SELECT 1 AS \"x;\"\"y\"", "SELECT 2"});
  CHECK(texts_of("DO $$ BEGIN; END $$; SELECT 2") == Texts{"DO $$ BEGIN; END $$", "SELECT 2"});
  CHECK(texts_of("DO $x$ a; $$ b; $y$ ; $x$; SELECT 2") ==
        Texts{"DO $x$ a; $$ b; $y$ ; $x$", "SELECT 2"});
  CHECK(texts_of("SELECT $1; SELECT a$b$; SELECT 3") ==
        Texts{"SELECT $1", "SELECT a$b$", "SELECT 3"});
  CHECK(texts_of("CREATE RULE r AS ON UPDATE TO t DO (DELETE FROM a; DELETE FROM b); SELECT 2") ==
        Texts{"CREATE RULE r AS ON UPDATE TO t DO (DELETE FROM a; DELETE FROM b)", "SELECT 2"});
  CHECK(texts_of("\xEF\xBB\xBFSELECT 1;\r\nSELECT 2;\r\n") == Texts{"SELECT 1", "SELECT 2"});
  CHECK(texts_of("(SELECT 1); SELECT 2") == Texts{"(SELECT 1)", "SELECT 2"});
}

TEST_CASE("a function body in standard SQL is one statement", "[pg]") {
  const std::string body =
      "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; "
      "SELECT 2; END";
  CHECK(texts_of(body + "; SELECT 3") == Texts{body, "SELECT 3"});
  CHECK(texts_of("BEGIN; SELECT 1; END; SELECT 2") ==
        Texts{"BEGIN", "SELECT 1", "END", "SELECT 2"});
}

TEST_CASE("what cannot be run here is refused with its place", "[pg]") {
  CHECK_THAT(problem_of("SELECT 1;\n  \\set x 1\n"), Contains("2:3 psql's backslash commands"));
  CHECK_THAT(problem_of("SELECT 1 \\gexec"), Contains("1:10 psql's backslash"));
  CHECK_THAT(problem_of("\n\nCOPY t (a) FROM stdin;\n1\n\\.\n"), Contains("3:1 COPY FROM STDIN"));
  CHECK(problem_of("COPY t FROM '/tmp/stdin'; COPY t TO STDOUT").empty());
  CHECK(problem_of("SELECT 'copy from stdin \\d'").empty());
  CHECK_THAT(problem_of("SELECT 'abc;\n"), Contains("1:8 this quoted string is not closed"));
  CHECK_THAT(problem_of("SELECT E'abc\\'"), Contains("1:9 this quoted string is not closed"));
  CHECK_THAT(problem_of("SELECT 1 AS \"é"), Contains("1:13 this quoted name is not closed"));
  CHECK_THAT(problem_of("SELECT 'é', $x$ abc $y$"), Contains("1:13 this dollar-quoted"));
  CHECK_THAT(problem_of("SELECT 1; /* /* */"), Contains("1:11 this comment is not closed"));
  CHECK_THAT(problem_of(std::string_view("SELECT \0", 8)), Contains("NUL byte"));
}

TEST_CASE("places count lines and characters, a caret points there", "[pg]") {
  CHECK(place_of("ab\ncé x", 7).line == 2);
  CHECK(place_of("ab\ncé x", 7).column == 4);
  CHECK(offset_of_character("éa", 2) == 2);
  CHECK(offset_of_character("ab", 9) == 2);
  CHECK(caret_lines("one\ntwo é here\nthree", 11) == "  two é here\n        ^");
  CHECK(caret_lines("x", 5) == "  x\n   ^");
  const std::string far = std::string(100, 'a') + "X" + std::string(100, 'b');
  CHECK(caret_lines(far, 100) == "  ..." + std::string(60, 'a') + "X" + std::string(29, 'b') +
                                     "...\n  " + std::string(63, ' ') + "^");
}

TEST_CASE("setup runs every file on one connection, in order", "[pg]") {
  Scenario scenario;
  scenario.setup = {{"a.sql", "CREATE TEMP TABLE here (x int); INSERT INTO here VALUES (7);"},
                    {"b.sql", "BEGIN; CREATE TABLE kept AS SELECT x FROM here; COMMIT"}};
  scenario.teardown = {{"t.sql", "DROP TABLE kept"}};
  const Status status = run_setup(shared_server().conninfo(), scenario, never());
  if (!status) FAIL(status.error().message);
  CHECK(sql("SELECT x FROM kept") == "7");
  CHECK(run_teardown(shared_server().conninfo(), scenario.teardown, never()).empty());
  CHECK(sql("SELECT to_regclass('kept') IS NULL") == "t");
  CHECK(setup(shared_server().conninfo(), "").ok());
}

TEST_CASE("a setup that fails halfway names the place and is torn down", "[pg]") {
  const Error error = setup_error(
      "CREATE TABLE half (x int);\n-- é\nINSERT INTO half\n  SELECT 'é', nowhere FROM half;\n"
      "CREATE TABLE never_made ();",
      "DROP TABLE half");
  CHECK(error.kind == ErrorKind::usage);
  CHECK(error.message ==
        "setup.sql:4:15: statement 2 of 3: column \"nowhere\" does not exist\n"
        "    SELECT 'é', nowhere FROM half;\n"
        "                ^");
  CHECK(sql("SELECT to_regclass('half') IS NULL") == "t");
}

TEST_CASE("detail and hint of the server are passed on; teardown's own trouble too", "[pg]") {
  const Error error =
      setup_error("CREATE TEMP TABLE u (x int PRIMARY KEY);\nINSERT INTO u VALUES (1), (1)",
                  "DROP TABLE not_there");
  CHECK_THAT(error.message, Contains("setup.sql:2:1: statement 2 of 2: duplicate key") &&
                                Contains("Key (x)=(1) already exists."));
  CHECK_THAT(error.hint, Contains("teardown failed: teardown.sql:1:1: statement 1 of 1: table "
                                  "\"not_there\" does not exist"));
  CHECK_THAT(setup_error("SELECT sum('a'::text)").hint, Contains("explicit type casts"));
}

TEST_CASE("a file with a refused statement changes nothing on the server", "[pg]") {
  const Error error = setup_error("CREATE TABLE early ();\nCOPY early FROM STDIN;\n");
  CHECK(error.kind == ErrorKind::usage);
  CHECK_THAT(error.message, Contains("setup.sql:2:1: COPY FROM STDIN"));
  CHECK(sql("SELECT to_regclass('early') IS NULL") == "t");
  CHECK_THAT(setup_error("SELECT 1", "\\d").message, Contains("teardown.sql:1:1: psql"));
  CHECK_THAT(setup_error("COPY (SELECT 1) TO STDOUT; SELECT 2").message,
             Contains("statement 1 of 2: COPY from or to the client"));
}

TEST_CASE("what is the target's fault is told apart from the file's", "[pg]") {
  sql("DROP ROLE IF EXISTS plain");
  sql("CREATE ROLE plain LOGIN");
  Status status = setup(as_user("plain"), "CREATE ROLE more");
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::target);
  CHECK_THAT(status.error().message, Contains("permission denied"));

  const Error lost = setup_error("SELECT 1;\nSELECT pg_terminate_backend(pg_backend_pid())");
  CHECK(lost.kind == ErrorKind::target);
  CHECK_THAT(lost.message, Contains("setup.sql:2:1: statement 2 of 2: terminating connection"));

  status = setup(as_user("nobody_here"), "SELECT 1", "SELECT 1");
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::target);
  CHECK_THAT(status.error().message, Contains("role \"nobody_here\" does not exist"));
  const auto notes = run_teardown(as_user("nobody_here"), {{"t.sql", "SELECT 1"}}, never());
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], Contains("teardown files were not run"));
}

TEST_CASE("a stop request cancels the running statement and tears down", "[pg]") {
  shared_server();  // not interrupted by the alarm
  struct sigaction action {};
  action.sa_handler = on_alarm;
  struct sigaction before {};
  REQUIRE(::sigaction(SIGALRM, &action, &before) == 0);
  const itimerval soon{{0, 0}, {0, 150'000}};
  REQUIRE(::setitimer(ITIMER_REAL, &soon, nullptr) == 0);
  const Status status = setup(shared_server().conninfo(),
                              "CREATE TABLE begun (); SELECT pg_sleep(60); CREATE TABLE after ()",
                              "DROP TABLE begun", alarm_flag);
  ::sigaction(SIGALRM, &before, nullptr);
  REQUIRE_FALSE(status.ok());
  INFO(status.error().message);
  CHECK(status.error().kind == ErrorKind::interrupted);
  CHECK(status.error().hint.empty());
  CHECK(sql("SELECT to_regclass('begun') IS NULL AND to_regclass('after') IS NULL") == "t");
  CHECK(sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
            "'SELECT pg_sleep%'") == "0");
}
