// Which wait queues only grow: overloads are found, stable queues near saturation are not.
#include "stats/over_time.h"

#include <catch2/catch.hpp>
#include <vector>

#include "base/rng.h"

namespace poolgauge {
namespace {

using Values = std::vector<double>;

std::optional<QueueGrowth> growth(const Values& waiting, double ended_per_s) {
  return queue_growth(waiting, Values(waiting.size(), ended_per_s));
}

TEST_CASE("twice the arrivals that can be served", "[queue_growth]") {
  const auto grew = growth({980, 1490, 1985, 2490, 3010, 3480, 4000, 4480}, 500);
  REQUIRE(grew);
  CHECK(grew->from == 980);
  CHECK(grew->to == 4480);
  CHECK(grew->per_s == 500);
  CHECK(grew->share == Approx(0.5));
}

TEST_CASE("a queue that fills once, drains again, or stays is none", "[queue_growth]") {
  CHECK_FALSE(growth({0, 85, 85, 84, 85, 83, 85, 85}, 70));       // users that all wait
  CHECK_FALSE(growth({500, 400, 300, 200, 100, 0, 0, 0}, 500));   // a burst
  CHECK_FALSE(growth({0, 0, 0, 300, 600, 300, 0, 0}, 500));       // a stall that is over
  CHECK_FALSE(growth({0, 0, 0, 0, 0, 0, 0, 900}, 500));           // its begin, at the very end
  CHECK_FALSE(growth({0, 1, 2, 3, 4, 5, 6, 7}, 10));              // fewer than ten
  CHECK_FALSE(growth({0, 20, 40, 60, 80, 100, 120, 140}, 5000));  // less than 1 %
  CHECK_FALSE(growth({}, 10));
  CHECK_FALSE(growth({4000}, 10));
}

TEST_CASE("a load that outgrows its server in the second half of the window", "[queue_growth]") {
  const auto grew = growth({0, 0, 2, 0, 1, 0, 0, 3, 110, 212, 305, 418, 500, 611, 700, 820}, 500);
  REQUIRE(grew);
  CHECK(grew->from == 110);
}

TEST_CASE("a window of two seconds needs more than one of many", "[queue_growth]") {
  CHECK(growth({500, 1000}, 500));
  CHECK_FALSE(growth({500, 560}, 500));
}

/// A window of random arrivals at a random server; what waits, and what ended, in each second.
bool grows(double arrivals_per_s, double load, int seconds, std::uint64_t seed) {
  Rng rng(seed);
  const double served_per_s = arrivals_per_s / load;
  constexpr double kWarmUp = 2;
  Values waiting, ended;
  double now = 0, next = kWarmUp + 1, count = 0;
  int in_system = 0;
  while (true) {
    const double rate = arrivals_per_s + (in_system > 0 ? served_per_s : 0);
    const double then = now + rng.exponential() / rate;
    for (; then > next && static_cast<int>(waiting.size()) < seconds; ++next) {
      waiting.push_back(in_system > 0 ? in_system - 1 : 0);
      ended.push_back(count);
      count = 0;
    }
    if (static_cast<int>(waiting.size()) == seconds) break;
    now = then;
    if (rng.uniform() * rate < arrivals_per_s) {
      ++in_system;
    } else {
      --in_system;
      ++count;
    }
  }
  return queue_growth(waiting, ended).has_value();
}

int how_often(double load, double arrivals_per_s, int seconds) {
  constexpr std::uint64_t kWindows = 200;
  int found = 0;
  for (std::uint64_t seed = 1; seed <= kWindows; ++seed) {
    found += grows(arrivals_per_s, load, seconds, seed * 77 + 5) ? 1 : 0;
  }
  return found;
}

TEST_CASE("stable queues up to 90 % are never called growing: 200 windows each", "[queue_growth]") {
  for (const double load : {0.5, 0.6, 0.7, 0.8, 0.9}) {
    CAPTURE(load);
    CHECK(how_often(load, 20, 8) == 0);
    CHECK(how_often(load, 200, 8) == 0);
    CHECK(how_often(load, 50, 20) == 0);
  }
}

TEST_CASE("clear overloads are found", "[queue_growth]") {
  CHECK(how_often(1.5, 200, 8) >= 198);
  CHECK(how_often(2.0, 100, 8) >= 198);
  CHECK(how_often(1.25, 200, 20) >= 198);
}

}  // namespace
}  // namespace poolgauge
