// Tables for the width there is.
#include <catch2/catch.hpp>

#include "report/terminal/screen.h"

namespace poolgauge {
namespace {

std::string table_at(unsigned width, std::vector<Column> columns,
                     std::vector<std::vector<std::string>> rows) {
  TerminalStyle style;
  style.width = width;
  Screen screen(style);
  add_columns(screen, std::move(columns), std::move(rows));
  return screen.str();
}

const std::vector<Column> kThree = {{"name", true}, {"p50"}, {"p95", false, 1}};

TEST_CASE("a table in columns: texts begin and figures end below each other") {
  CHECK(table_at(80, kThree, {{"a", "1.20 s", "2.0 s"}, {"long", "9 s", "10.0 s"}}) ==
        "name     p50     p95\n"
        "a     1.20 s   2.0 s\n"
        "long     9 s  10.0 s\n");
}

TEST_CASE("a column without a cell is left out, and a spare one where there is no room") {
  CHECK(table_at(80, kThree, {{"a", "", "2 s"}}) == "name  p95\na     2 s\n");
  const std::string wide(30, 'n');
  CHECK(table_at(40, kThree, {{wide, "1 s", "2.000 s"}}) ==
        "name" + std::string(26, ' ') + "  p50\n" + wide + "  1 s\n");
}

TEST_CASE("where columns have no room each row is a paragraph with the heads in it") {
  const std::string wide(36, 'n');
  CHECK(table_at(40, {{"name", true}, {"p50"}, {"p95"}}, {{wide, "1 s", "2 s"}}) ==
        wide + " ·\n  p50 1 s · p95 2 s\n");
}

}  // namespace
}  // namespace poolgauge
