// SQL with :name variables.
#include "scenario/read/statement.h"

#include <catch2/catch.hpp>

using namespace poolgauge;

namespace {

const std::vector<std::string> kVariables{"id", "body", "conversation", "lo"};

Statement parsed(const std::string& sql) {
  const auto result = parse_statement(sql, kVariables);
  if (const auto* problem = std::get_if<StatementProblem>(&result)) {
    FAIL(sql << ": " << problem->message);
  }
  return std::get<Statement>(result);
}

std::string text_of(const std::string& sql) {
  return parsed(sql).text;
}

StatementProblem problem_of(const std::string& sql) {
  const auto result = parse_statement(sql, kVariables);
  REQUIRE(std::holds_alternative<StatementProblem>(result));
  return std::get<StatementProblem>(result);
}

}  // namespace

TEST_CASE("each distinct variable becomes one parameter") {
  const Statement s = parsed("SELECT :body, :id, :body::text");
  CHECK(s.source == "SELECT :body, :id, :body::text");
  CHECK(s.text == "SELECT $1, $2, $1::text");
  CHECK(s.variables == std::vector<std::uint32_t>{1, 0});
  CHECK(parsed("SELECT 1").variables.empty());
}

TEST_CASE("what only looks like a variable stays as it is") {
  const std::vector<std::string> same{
      "SELECT 1::int, '2'::numeric",
      "SELECT ':id', 'it''s :id', E'\\':id', e'a\\\\'",
      "SELECT \":id\", \"a\"\":id\" FROM t",
      "SELECT $$ :id $$, $tag$ :id $$ :id $tag$",
      "SELECT 1 -- :id ; '\n",
      "SELECT /* :id /* ; ' */ :nothing */ 1",
      "SELECT a[1:2], a[x:y], a[f(1):g(2)], a[1:id] FROM t",
      "SELECT f(a := 1)",
      "SELECT foo$1, :: int",
      "SELECT U&'d\\0061t\\+000061 :id', B'01', X'1F'",
  };
  for (const std::string& sql : same) {
    INFO(sql);
    CHECK(text_of(sql) == sql);
  }
}

TEST_CASE("variables beside everything else are replaced") {
  CHECK(text_of("SELECT ARRAY[:id, :lo]") == "SELECT ARRAY[$1, $2]");
  CHECK(text_of("SELECT a[:lo:id]") == "SELECT a[$1:id]");
  CHECK(text_of("SELECT a[:lo : :id]") == "SELECT a[$1 : $2]");
  CHECK(text_of("SELECT ARRAY[CASE WHEN :id > 1 THEN :lo END]") ==
        "SELECT ARRAY[CASE WHEN $1 > 1 THEN $2 END]");
  CHECK(text_of("SELECT a[f(:id)]") == "SELECT a[f($1)]");
  CHECK(text_of("SELECT ':id' || :id || $$:id$$") == "SELECT ':id' || $1 || $$:id$$");
  CHECK(text_of("SELECT x=:id+:lo;") == "SELECT x=$1+$2;");
  CHECK(text_of("SELECT :id -- 'quote in a comment\n, :lo") ==
        "SELECT $1 -- 'quote in a comment\n, $2");
  CHECK(text_of("SELECT standard'\\', :id, ''") == "SELECT standard'\\', $1, ''");
  CHECK(text_of("SELECT name'x', note'\\', :id") == "SELECT name'x', note'\\', $1");
}

TEST_CASE("an undeclared variable names the nearest") {
  const StatementProblem problem = problem_of("SELECT 'ä', :conversaton");
  CHECK(problem.character == 13);
  CHECK(problem.message == "expected a declared variable");
  CHECK(problem.found == "\":conversaton\"");
  CHECK(problem.nearest == ":conversation");
  CHECK(problem_of("SELECT :zzz").nearest.empty());
  CHECK(problem_of("SELECT :ID").nearest == ":id");
}

TEST_CASE("one statement, no less and no more") {
  CHECK(text_of("SELECT 1; -- done\n ;") == "SELECT 1; -- done\n ;");
  CHECK(text_of("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)").size() > 0);
  CHECK(problem_of("SELECT 1; SELECT 2").character == 11);
  CHECK(problem_of("SELECT 1; SELECT 2").message ==
        "expected one statement; put each further statement into its own step");
  CHECK(problem_of("SELECT 1; :id").character == 11);
  for (const std::string sql : {"", "  \n", "-- nothing\n", ";", "/* */ ;"}) {
    INFO(sql);
    CHECK(problem_of(sql).message == "expected an SQL statement");
  }
}

TEST_CASE("unterminated strings and foreign parameters are refused") {
  for (const std::string sql : {"SELECT 'a", "SELECT \"a", "SELECT /* /* */", "SELECT $x$ a $y$",
                                "SELECT E'a\\'", "SELECT $$"}) {
    INFO(sql);
    CHECK(problem_of(sql).message == "this string or comment is not closed");
    CHECK(problem_of(sql).character == 8);
  }
  CHECK(problem_of("SELECT $1").message == "expected variables in the form :name");
}

TEST_CASE("the server's positions lead back to the source") {
  const Statement s = parsed("SELECT 'ä', :conversation, nope, :id, bad");
  REQUIRE(s.text == "SELECT 'ä', $1, nope, $2, bad");
  CHECK(s.source_position(1) == 1);
  CHECK(s.source_position(13) == 13);                         // $1
  CHECK(s.source_position(17) == 28);                         // nope
  CHECK(s.source_position(27) == 39);                         // bad
  CHECK(s.source.substr(s.source_position(27), 3) == "bad");  // one byte more for the umlaut
}
