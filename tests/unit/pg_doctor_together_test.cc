// Many questions in one statement, and their answers apart again.
#include <catch2/catch.hpp>

#include "pg/doctor/doctor_read.h"

namespace poolgauge {

TEST_CASE("answers of one statement fall apart by id, row and column", "[doctor]") {
  const std::vector<DoctorQuery> queries{{"A4", 13, 0, false, "\nSELECT true AS a, 1 AS b"},
                                         {"C1", 13, 0, false, "\nSELECT name, setting FROM s"},
                                         {"E3", 13, 0, false, "\nSELECT slot FROM none"}};
  ControlReply reply;
  reply.rows = {{"C1", "1", "name", "x"},  {"C1", "1", "setting", ""}, {"A4", "1", "a", "true"},
                {"A4", "1", "b", "1"},     {"C1", "2", "name", "y"},   {"C1", "2", "setting", "5"},
                {"C1", "9", "name", "no"}, {"Z9", "1", "name", "no"},  {"A4", "0", "a", "no"}};
  const DoctorAnswers answers = answers_together(queries, reply);
  REQUIRE(answers.size() == 3);
  const DoctorAnswer& rights = answers.at("A4");
  CHECK(rights.columns == std::vector<std::string>{"a", "b"});
  CHECK(rights.rows == std::vector<std::vector<std::string>>{{"t", "1"}});
  const DoctorAnswer& settings = answers.at("C1");
  CHECK(settings.rows == std::vector<std::vector<std::string>>{{"x", ""}, {"y", "5"}});
  CHECK(answers.at("E3").rows.empty());
  CHECK(answers.at("E3").unknown.empty());
}

TEST_CASE("every query is a part of the statement", "[doctor]") {
  const std::string sql = together_sql(
      {{"A4", 13, 0, false, "\nSELECT 1 AS a"}, {"C1", 13, 0, false, "\nSELECT 2 AS b"}});
  CHECK(sql.starts_with("\nSELECT 'A4' AS id"));
  CHECK(sql.find("UNION ALL\nSELECT 'C1' AS id") != std::string::npos);
  CHECK(sql.find("(\nSELECT 2 AS b\n) AS q") != std::string::npos);
}

}  // namespace poolgauge
