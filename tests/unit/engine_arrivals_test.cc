// Schedules of open loads.
#include "engine/arrivals.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
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

}  // namespace
}  // namespace poolgauge
