// Schedules of open loads.
#include "engine/arrivals.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

std::vector<Duration> merged(const OpenLoad& load, std::uint32_t processes, std::uint64_t seed,
                             Duration until) {
  std::vector<Duration> all;
  for (std::uint32_t i = 0; i < processes; ++i) {
    Arrivals arrivals(load, i, processes, seed);
    for (Duration due = arrivals.next(); due < until; due = arrivals.next()) all.push_back(due);
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST_CASE("a constant rate: the k-th arrival is due at k / rate, without drift", "[arrivals]") {
  const std::uint32_t processes = GENERATE(1U, 3U, 8U);
  const double rate = GENERATE(3.0, 333.3, 1000.0);
  OpenLoad load;
  load.rate_per_s = rate;
  load.poisson = false;
  const std::vector<Duration> all = merged(load, processes, 1, 100s);
  REQUIRE(all.size() == static_cast<std::size_t>(std::ceil(rate * 100)));
  for (std::size_t k = 0; k < all.size(); ++k) {
    const auto exact = static_cast<long double>(k) * 1e9L / static_cast<long double>(rate);
    REQUIRE(std::abs(static_cast<long double>(all[k].count()) - exact) <= 1);
  }
}

TEST_CASE("a constant rate is exact to the nanosecond after a million arrivals", "[arrivals]") {
  OpenLoad load;
  load.rate_per_s = 3;
  load.poisson = false;
  Arrivals arrivals(load, 0, 1, 1);
  Duration last{0};
  for (int k = 0; k <= 3'000'000; ++k) last = arrivals.next();
  CHECK(last == 1'000'000s);
}

/// The largest distance between the gaps' distribution and the exponential one, times sqrt(n).
double kolmogorov(std::vector<Duration> dues, double rate_per_s) {
  std::vector<double> gaps;
  Duration last{0};
  for (const Duration due : dues) {
    gaps.push_back(to_s(due - last));
    last = due;
  }
  std::sort(gaps.begin(), gaps.end());
  const auto n = static_cast<double>(gaps.size());
  double distance = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const double expected = 1.0 - std::exp(-gaps[i] * rate_per_s);
    const auto rank = static_cast<double>(i);
    distance = std::max({distance, (rank + 1) / n - expected, expected - rank / n});
  }
  return distance * std::sqrt(n);
}

TEST_CASE("Poisson arrivals: exponential gaps, also of all processes together", "[arrivals]") {
  const std::uint32_t processes = GENERATE(1U, 2U, 7U);
  OpenLoad load;
  load.rate_per_s = 200;
  int rejected = 0;
  double arrived = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const std::vector<Duration> all = merged(load, processes, seed, 20s);
    arrived += static_cast<double>(all.size());
    if (kolmogorov(all, load.rate_per_s) > 1.358) ++rejected;  // the 5 % point
  }
  CHECK(std::abs(arrived - 400000) < 4 * 632);  // four standard deviations
  CHECK(rejected <= 12);                        // 5 expected; beyond this 1 of 600
}

TEST_CASE("Poisson arrivals depend on the seed and the process, and on nothing else",
          "[arrivals]") {
  OpenLoad load;
  load.rate_per_s = 50;
  const auto first = [&](std::uint32_t offset, std::uint64_t seed) {
    Arrivals arrivals(load, offset, 2, seed);
    std::vector<Duration> dues;
    for (int i = 0; i < 100; ++i) dues.push_back(arrivals.next());
    return dues;
  };
  CHECK(first(0, 1) == first(0, 1));
  CHECK(first(0, 1) != first(1, 1));
  CHECK(first(0, 1) != first(0, 2));
  const std::vector<Duration> dues = first(0, 1);
  CHECK(std::is_sorted(dues.begin(), dues.end()));
}

TEST_CASE("a burst is shared out as evenly as it can be, every time", "[arrivals]") {
  const std::uint32_t processes = GENERATE(1U, 3U, 4U, 30U);
  BurstLoad load;
  load.size = 10;
  load.every = 5s;
  std::vector<std::size_t> by_burst(6);
  for (std::uint32_t i = 0; i < processes; ++i) {
    Arrivals arrivals(load, i, processes);
    std::vector<std::size_t> mine(6);
    for (Duration due = arrivals.next(); due < 30s; due = arrivals.next()) {
      REQUIRE(due % 5s == 0s);
      ++mine[static_cast<std::size_t>(due / 5s)];
    }
    for (std::size_t burst = 0; burst < 6; ++burst) {
      CHECK(mine[burst] >= 10 / processes);
      CHECK(mine[burst] <= 10 / processes + 1);
      by_burst[burst] += mine[burst];
    }
  }
  CHECK(by_burst == std::vector<std::size_t>(6, 10));
}

TEST_CASE("a burst without an interval comes once, when the window begins", "[arrivals]") {
  BurstLoad load;
  load.size = 10;
  load.once_at = 2s;
  std::size_t due = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    Arrivals arrivals(load, i, 4);
    Duration next = arrivals.next();
    for (; next < kNotInThisLife; next = arrivals.next()) {
      CHECK(next == 2s);
      ++due;
    }
  }
  CHECK(due == 10);
}

TEST_CASE("a staged Poisson rate: exponential gaps on the clock that its own rate drives",
          "[arrivals]") {
  const std::uint32_t processes = GENERATE(1U, 3U);
  RateStages load;
  load.stages = {{10s, 300, true}, {5s, 100, false}, {5s, 20, true}};
  // Expected so far: 150 t^2 / 10, then 100/s, then down to 20/s.
  const auto expected = [](double t) {
    if (t < 10) return 15 * t * t;
    if (t < 15) return 1500 + 100 * (t - 10);
    const double u = t - 15;
    return 2000 + 100 * u - 8 * u * u;
  };
  int rejected = 0;
  double arrived = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::vector<double> rescaled;
    for (std::uint32_t i = 0; i < processes; ++i) {
      Arrivals arrivals(load, i, processes, seed);
      for (Duration due = arrivals.next(); due < 20s; due = arrivals.next()) {
        rescaled.push_back(expected(to_s(due)));
      }
    }
    std::sort(rescaled.begin(), rescaled.end());
    std::vector<Duration> dues;
    for (const double count : rescaled) dues.push_back(from_s(count));
    arrived += static_cast<double>(dues.size());
    if (kolmogorov(dues, 1) > 1.358) ++rejected;
  }
  CHECK(std::abs(arrived - 230000) < 4 * 480);
  CHECK(rejected <= 12);
}

TEST_CASE("a staged constant rate: exactly as many as its integral, shared out evenly",
          "[arrivals]") {
  const std::uint32_t processes = GENERATE(1U, 4U);
  RateStages load;
  load.poisson = false;
  load.stages = {{10s, 60, true}, {10s, 60, false}, {10s, 0, false}, {1s, 8, false}};
  std::size_t all = 0;
  for (std::uint32_t i = 0; i < processes; ++i) {
    Arrivals arrivals(load, i, processes, 1);
    std::size_t mine = 0;
    Duration before{0};
    for (Duration due = arrivals.next(); due < 31s; due = arrivals.next()) {
      CHECK(due >= before);
      CHECK_FALSE((due >= 20s && due < 30s));
      before = due;
      ++mine;
    }
    CHECK(mine >= 908 / processes);
    CHECK(mine <= 908 / processes + 1);
    all += mine;
  }
  CHECK(all == 300 + 600 + 8);
}

ReplayLoad replay_of(std::vector<ReplayLoad::Arrival> arrivals) {
  ReplayLoad load;
  load.arrivals = std::make_shared<const std::vector<ReplayLoad::Arrival>>(std::move(arrivals));
  return load;
}

TEST_CASE("a replay: each arrival once, at its time, in one process", "[arrivals]") {
  const ReplayLoad load = replay_of({{0ms, 1}, {5ms, kAnyRequest}, {5ms, 0}, {9ms, 1}, {20ms, 2}});
  Arrivals even(load, 0, 2);
  Arrivals odd(load, 1, 2);
  CHECK(even.next() == 0ms);
  CHECK(even.request() == 1);
  CHECK(even.next() == 5ms);
  CHECK(even.request() == 0);
  CHECK(even.next() == 20ms);
  CHECK(even.request() == 2);
  CHECK(even.next() == kNotInThisLife);
  CHECK(odd.next() == 5ms);
  CHECK(odd.request() == kAnyRequest);
  CHECK(odd.next() == 9ms);
  CHECK(odd.next() == kNotInThisLife);
  CHECK(odd.next() == kNotInThisLife);
}

/// The schedule of the whole fleet as text.
std::string written(const Load& load, std::uint32_t processes, std::uint64_t seed) {
  std::string text;
  for (std::uint32_t i = 0; i < processes; ++i) {
    Arrivals arrivals = Arrivals::of(load, i, processes, seed);
    for (int n = 0; n < 2000; ++n) {
      text += std::to_string(arrivals.next().count()) + ' ';  // decides what request() says
      text += std::to_string(arrivals.request()) + '\n';
    }
  }
  return text;
}

std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

TEST_CASE("the same seed gives the same schedule to the byte, today as when this was written",
          "[arrivals]") {
  RateStages staged;
  staged.stages = {{3s, 400, true}, {2s, 50, false}, {5s, 0.5, true}};
  RateStages even = staged;
  even.poisson = false;
  struct Row {
    const char* what;
    Load load;
    std::uint64_t hash;
    bool random;
  };
  const std::vector<Row> rows{
      {"poisson", OpenLoad{123.4, true}, 0x5713ee4b0ed08f40, true},
      {"constant", OpenLoad{123.4, false}, 0x3cde0e3bfb3c7522, false},
      {"burst", BurstLoad{7, 2s}, 0x07a4b270306c4d81, false},
      {"staged poisson", staged, 0x788779f3ee54941d, true},
      {"staged constant", even, 0x2f6ebb2fa54f368d, false},
      {"replay", replay_of({{1ms, 0}, {1ms, 1}, {70s, kAnyRequest}}), 0x85885ed81709247c, false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const std::string schedule = written(row.load, 3, 42);
    CHECK(schedule == written(row.load, 3, 42));
    CHECK((schedule != written(row.load, 3, 43)) == row.random);
    CHECK(fnv1a(schedule) == row.hash);
  }
}

}  // namespace
}  // namespace poolgauge
