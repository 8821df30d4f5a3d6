// The age of connections follows from what replacing them costs.
#include <catch2/catch.hpp>

#include "advise/settings.h"

namespace poolgauge {
namespace {

using Catch::Matchers::Contains;

RecycleEvidence cheap() {
  RecycleEvidence seen;
  seen.connections = 60;
  seen.rate_per_s = 330;
  seen.hold_s = 0.18;
  seen.connect_s = 0.005;
  return seen;
}

TEST_CASE("an age without a measurable cost stays as it is set", "[recycling]") {
  RecycleEvidence seen = cheap();
  seen.own_s = 3600;
  const Recycling own = recycling(seen);
  CHECK(own.age_s == 3600);
  CHECK_THAT(own.why, Contains("pool_recycle 3600 s: has no measurable cost") &&
                          Contains("connecting took 5.00 ms") &&
                          Contains("1 in 19,800 checkouts") &&
                          Contains("idle timeout of proxies and firewalls"));
  seen.own_s.reset();
  CHECK(recycling(seen).age_s == 1800);
}

TEST_CASE("an age with a cost becomes the shortest without one", "[recycling]") {
  RecycleEvidence seen = cheap();
  seen.option = "maxLifetime";
  seen.own_s = 2;
  seen.connect_s = 0.05;
  // 50 ms are 0.1 % of 50 s; the 60 / 330 / age checkouts that wait for them matter less.
  const Recycling answer = recycling(seen);
  CHECK(answer.age_s == 50);
  CHECK_THAT(answer.why, Contains("maxLifetime 50 s: 2 s would have a measurable cost") &&
                             Contains("2.5 % of a connection's lifetime") &&
                             Contains("1 in 11 checkouts"));
}

TEST_CASE("a slow connect beside short holds is seen in a tail before in a mean", "[recycling]") {
  RecycleEvidence seen;
  seen.connections = 10;
  seen.rate_per_s = 1;
  seen.hold_s = 0.04;
  seen.connect_s = 0.05;
  seen.own_s = 100;
  CHECK(recycling(seen).age_s > 1000);  // 1 % of the checkouts at 1,000 s
}

TEST_CASE("a pool that is seldom used is not told to keep connections for hours", "[recycling]") {
  RecycleEvidence seen;
  seen.connections = 1;
  seen.rate_per_s = 0.1;
  seen.hold_s = 0.04;
  seen.connect_s = 0.05;
  const Recycling answer = recycling(seen);
  CHECK(answer.age_s == 1800);
  CHECK_THAT(answer.why, Contains("1 in 180 checkouts waits for it"));
}

TEST_CASE("without a measured connect it says what it cannot say", "[recycling]") {
  RecycleEvidence seen = cheap();
  seen.connect_s.reset();
  const Recycling answer = recycling(seen);
  CHECK(answer.age_s == 1800);
  CHECK_THAT(answer.why, Contains("a common value; its cost is unknown") &&
                             Contains("no connect was measured") && !Contains("ms"));
  seen.own_s = 700;
  CHECK_THAT(recycling(seen).why, Contains("pool_recycle 700 s: as configured"));
}

TEST_CASE("a known idle timeout bounds it, whatever that costs", "[recycling]") {
  RecycleEvidence seen = cheap();
  seen.idle_limit_s = 300;
  const Recycling answer = recycling(seen);
  CHECK(answer.age_s == 270);
  CHECK_THAT(answer.why, Contains("10 % below the shortest idle timeout") && !Contains("cost"));
  seen.own_s = 60;
  CHECK(recycling(seen).age_s == 60);
  seen.connect_s = 1;
  CHECK(recycling(seen).age_s == 270);
  CHECK_THAT(recycling(seen).why, Contains("this has a measurable cost: connecting took 1.00 s"));
}

TEST_CASE("figures at their ends", "[recycling]") {
  for (const double connections : {0.0, 1.0, 1e6}) {
    for (const double rate : {0.0, 1e-9, 1e9}) {
      for (const double connect : {0.0, 1e-6, 1e5}) {
        RecycleEvidence seen;
        seen.connections = connections;
        seen.rate_per_s = rate;
        seen.connect_s = connect;
        seen.hold_s = 0.0;
        const Recycling answer = recycling(seen);
        CHECK(answer.age_s >= 1800);
        CHECK(answer.age_s <= 86'400);
        CHECK_THAT(answer.why, !Contains("inf") && !Contains("nan"));
      }
    }
  }
}

}  // namespace
}  // namespace poolgauge
