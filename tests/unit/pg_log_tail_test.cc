// What is quoted of a server's log.
#include <catch2/catch.hpp>

#include "pg/server/leftovers.h"

using poolgauge::last_lines;

TEST_CASE("the last lines of a log, but for refusals that say nothing") {
  CHECK(last_lines("", 3).empty());
  CHECK(last_lines("one\n", 3) == "one");
  CHECK(last_lines("one\ntwo\n\nthree", 2) == "two\nthree");
  std::string log =
      "1 LOG:  received immediate shutdown request\n2 FATAL:  could not write: No space left\n";
  for (int i = 0; i < 50; ++i) log += "3 FATAL:  the database system is shutting down\n";
  CHECK(last_lines(log, 3) ==
        "1 LOG:  received immediate shutdown request\n2 FATAL:  could not write: No space left");
}
