// Which seconds without a completion are stalls, and which are how this load goes.
#include "stats/over_time.h"

#include <catch2/catch.hpp>
#include <vector>

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

/// Seconds with so many completions of a latency; in_flight: at the end of each.
Measurement window_of(const std::vector<std::uint64_t>& completed, Duration latency,
                      std::uint32_t in_flight) {
  Measurement m;
  m.window = std::chrono::seconds(completed.size());
  for (const std::uint64_t count : completed) {
    SecondSample& second = m.series.emplace_back();
    second.completed = count;
    second.latency.record_n(latency, count);
    second.checked_out = in_flight;
    m.latency.record_n(latency, count);
  }
  return m;
}

TEST_CASE("a table locked from second 1 of 8 on", "[stalls]") {
  const auto stalls = stalls_of(window_of({757, 0, 0, 0, 0, 0, 0, 0}, 20ms, 15));
  REQUIRE(stalls.size() == 1);
  CHECK(stalls[0].start == 1s);
  CHECK(stalls[0].end == 8s);
  CHECK(stalls[0].to_the_end);
  CHECK(stalls[0].in_flight == 15);
  CHECK(stalled(stalls) == 7s);
  // Nobody knows how long a request of the last second would have taken.
  CHECK(stalled_beyond(stalls, 1s, 0s, 8s) == Approx(7.0 / 8));
}

TEST_CASE("a freeze in the midst of a steady load, though requests took as long", "[stalls]") {
  const auto stalls = stalls_of(window_of({80, 85, 78, 82, 0, 0, 90, 84}, 2500ms, 100));
  REQUIRE(stalls.size() == 1);
  CHECK(stalls[0].start == 4s);
  CHECK(stalls[0].end == 6s);
  CHECK_FALSE(stalls[0].to_the_end);
  CHECK(stalled_beyond(stalls, 1s, 0s, 8s) == Approx(1.0 / 8));
}

TEST_CASE("several freezes are told apart", "[stalls]") {
  const auto stalls = stalls_of(window_of({80, 80, 80, 0, 80, 0, 0, 80}, 300ms, 15));
  REQUIRE(stalls.size() == 2);
  CHECK(stalls[1].length() == 2s);
}

TEST_CASE("ordinary seconds without a completion are no stalls", "[stalls]") {
  // Nobody asked.
  CHECK(stalls_of(window_of({100, 0, 0, 0, 0, 100, 0, 0, 0, 0}, 20ms, 0)).empty());
  // The first wait: nothing was seen before.
  CHECK(stalls_of(window_of({0, 0, 50, 50, 50, 50}, 2s, 100)).empty());
  // Rare requests.
  CHECK(stalls_of(window_of({1, 2, 1, 0, 1, 0, 0, 2}, 1500ms, 2)).empty());
  // Users in lockstep: all take three seconds.
  CHECK(stalls_of(window_of({50, 0, 0, 50, 0, 0, 50, 0, 0}, 3s, 50)).empty());
  CHECK(stalls_of(window_of({}, 3s, 50)).empty());
}

TEST_CASE("joined parts, whose seconds have no latencies, still show a stall", "[stalls]") {
  Measurement m = window_of({757, 0, 0, 0}, 20ms, 15);
  for (SecondSample& second : m.series) second.latency.clear();
  CHECK(stalls_of(m).size() == 1);
  Measurement lockstep = window_of({50, 0, 0, 50, 0, 0, 50, 0, 0}, 3s, 50);
  for (SecondSample& second : lockstep.series) second.latency.clear();
  CHECK(stalls_of(lockstep).empty());
}

TEST_CASE("a last second that is only a part is not looked at", "[stalls]") {
  Measurement m = window_of({80, 80, 80, 80, 0}, 300ms, 15);
  m.window = 4500ms;
  CHECK(stalls_of(m).empty());
}

TEST_CASE("a lock that began in the warm-up, and a first wait that looks like one", "[stalls]") {
  Measurement locked = window_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 90}, 1ms, 5);
  CHECK(stalls_of(locked).empty());  // without a warm-up nobody knows
  locked.warmup = 2s;
  locked.ended_in_warmup = 160;
  REQUIRE(stalls_of(locked).size() == 1);
  CHECK(stalls_of(locked)[0].length() == 9s);
  // Nothing at all since.
  Measurement nothing = window_of({0, 0, 0, 0}, 1ms, 5);
  nothing.warmup = 2s;
  nothing.ended_in_warmup = 160;
  CHECK(stalls_of(nothing).size() == 1);
  // Fifteen users in lockstep, five seconds each, the first five in the warm-up of six.
  Measurement lockstep = window_of({0, 0, 0, 0, 15, 0, 0, 0, 0, 15}, 5s, 15);
  lockstep.warmup = 6s;
  lockstep.ended_in_warmup = 15;
  CHECK(stalls_of(lockstep).empty());
}

TEST_CASE("stalls, standstills and outages are one time in which nothing was served", "[stalls]") {
  const std::vector<Stall> stalls = {{1s, 3s, 5, false}};
  const std::vector<Standstill> still = {
      {2500ms, 4s, "server", true}, {5s, 6s, "client", true}, {5s, 6s, "replica", true}};
  const std::vector<Outage> gone = {{7100ms, std::nullopt, 1, 1, "primary"}};
  const std::vector<std::uint64_t> silent = {9, 0, 0, 0, 9, 9, 9, 3, 0, 0};
  const auto times = unserved(stalls, still, gone, silent, 10s);
  REQUIRE(times.size() == 2);
  CHECK((times[0].start == 1s && times[0].end == 4s && times[0].in_flight == 5));
  CHECK((times[1].start == 7100ms && times[1].end == 10s && times[1].to_the_end));
  // Another pool went on: the outage was not everybody's.
  std::vector<std::uint64_t> busy = silent;
  busy[8] = 4;
  CHECK(unserved(stalls, still, gone, busy, 10s).size() == 1);
}

}  // namespace
}  // namespace poolgauge
