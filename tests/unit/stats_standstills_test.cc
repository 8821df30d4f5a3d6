// Standstills that several threads saw, or several parts of a run.
#include <catch2/catch.hpp>

#include "stats/over_time.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

Standstill still(Duration start, std::optional<Duration> end, const char* whose = "server") {
  Standstill one;
  one.start = start;
  one.end = end;
  one.whose = whose;
  return one;
}

TEST_CASE("what overlaps is one, but only of the same", "[standstills]") {
  std::vector<Standstill> all{still(1s, 3s), still(6s, 7s)};
  join_standstills(all, {still(2s, 4s), still(2s, 5s, "client"), still(6500ms, std::nullopt)});
  REQUIRE(all.size() == 3);
  CHECK(all[0].end == Duration(4s));
  CHECK(all[1].whose == "client");
  CHECK(all[1].end == Duration(5s));
  CHECK(all[2].start == 6s);
  CHECK_FALSE(all[2].end);
}

TEST_CASE("seconds that somebody stood still, each once", "[standstills]") {
  const std::vector<Standstill> all{still(1s, 4s, "server"), still(2s, 5s, "replica"),
                                    still(3s, 4s, "client"), still(8s, std::nullopt, "server")};
  CHECK(stood_still_s(all, false, 10s) == Approx(6));
  CHECK(stood_still_s(all, true, 10s) == Approx(1));
  CHECK(stood_still_s({}, true, 10s) == 0);
}

TEST_CASE("a limit is kept", "[standstills]") {
  std::vector<Standstill> all;
  for (int i = 0; i < 200; ++i) {
    join_standstills(all, {still(std::chrono::seconds(10 * i), std::chrono::seconds(10 * i + 1))});
  }
  CHECK(all.size() == kMostStandstills);
}

}  // namespace
