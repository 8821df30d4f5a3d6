// What becomes of a standby while its pools read from it.
#include "pg/probe/standby_watch.h"

#include <catch2/catch.hpp>

namespace poolgauge {
namespace {

using Catch::Matchers::Contains;

StandbySample replaying(std::int64_t position, std::int64_t behind = 0) {
  StandbySample sample;
  sample.in_recovery = sample.receiving = true;
  sample.replayed = position;
  sample.behind = behind;
  return sample;
}

TEST_CASE("a primary, and a standby that keeps up, have nothing to tell", "[standby]") {
  StandbyWatch primary, standby, idle;
  for (int second = 0; second < 10; ++second) {
    primary.add(second, StandbySample{});
    standby.add(second, replaying(1000 + second, 50));
    idle.add(second, replaying(1000));
  }
  CHECK(primary.findings().empty());
  CHECK(standby.findings().empty());
  CHECK(idle.findings().empty());
}

TEST_CASE("a promotion is named with its time", "[standby]") {
  StandbyWatch watch;
  watch.add(0, replaying(1000));
  watch.add(1, replaying(1001));
  watch.add(2.04, StandbySample{});
  watch.add(3, StandbySample{});
  REQUIRE(watch.findings().size() == 1);
  CHECK_THAT(watch.findings()[0], Contains("was promoted 2.0 s into the window"));
}

TEST_CASE("a replay that stands still is named, a pause by its name", "[standby]") {
  StandbyWatch stuck;
  stuck.add(0, replaying(1000));
  for (const double second : {1.0, 2.0, 3.0, 4.0}) stuck.add(second, replaying(1000, 64));
  stuck.add(5, replaying(1064));
  REQUIRE(stuck.findings().size() == 1);
  CHECK_THAT(stuck.findings()[0], Contains("did not replay any WAL from 0.0 s to 5.0 s"));

  StandbyWatch paused;
  StandbySample sample = replaying(1000, 64);
  paused.add(0, replaying(1000));
  sample.paused = true;
  for (const double second : {1.0, 2.0, 3.0, 4.0, 5.0}) paused.add(second, sample);
  REQUIRE(paused.findings().size() == 1);
  CHECK_THAT(paused.findings()[0], Contains("was paused from 1.0 s on"));
}

TEST_CASE("a primary that sends no more is named", "[standby]") {
  StandbyWatch watch;
  StandbySample sample = replaying(1000);
  watch.add(0, sample);
  sample.receiving = false;
  watch.add(1, sample);
  watch.add(2, sample);
  sample.receiving = true;
  watch.add(3, sample);
  REQUIRE(watch.findings().size() == 1);
  CHECK_THAT(watch.findings()[0], Contains("received no WAL from its primary from 1.0 s to 3.0 s"));
}

}  // namespace
}  // namespace poolgauge
