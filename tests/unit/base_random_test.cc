// Randomness: fixed for ever by its seed, and distributed as its names promise.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "base/rng.h"
#include "poolgauge/distribution.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

std::vector<double> sorted_draws_ms(const DurationSpec& spec, int count, std::uint64_t seed = 1) {
  Rng rng(seed);
  std::vector<double> draws;
  for (int i = 0; i < count; ++i) draws.push_back(to_ms(draw(spec, rng)));
  std::sort(draws.begin(), draws.end());
  return draws;
}

double at(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size()))];
}

double mean_of_draws(const std::vector<double>& draws) {
  double sum = 0;
  for (const double value : draws) sum += value;
  return sum / static_cast<double>(draws.size());
}

}  // namespace

TEST_CASE("the same seed draws the same for ever") {
  Rng zero(0);
  // splitmix64 from 0 gives the state e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f
  // f88bb8a8724c81ec; the first output follows by hand: rotl(s0 + s3, 23) + s0.
  CHECK(zero.next() == 0x53175d61490b23dfU);
  CHECK(zero.next() == 0x61da6f3dc380d507U);
  CHECK(zero.next() == 0x5c0fdf91ec9a7bfcU);
}

TEST_CASE("streams of one seed, and equal streams of other seeds, are unrelated") {
  std::vector<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (std::uint64_t stream = 0; stream < 50; ++stream)
      firsts.push_back(Rng(seed, stream).next());
  }
  std::sort(firsts.begin(), firsts.end());
  CHECK(std::adjacent_find(firsts.begin(), firsts.end()) == firsts.end());
  Rng a(7, 3);
  Rng b(7, 3);
  for (int i = 0; i < 100; ++i) CHECK(a.next() == b.next());
}

TEST_CASE("uniform stays in [0, 1) with the right moments") {
  Rng rng(11);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double u = rng.uniform();
    REQUIRE(u >= 0.0);
    REQUIRE(u < 1.0);
    sum += u;
    squares += u * u;
  }
  CHECK(sum / 1e5 == Approx(0.5).margin(0.003));
  CHECK(squares / 1e5 == Approx(1.0 / 3.0).margin(0.003));
}

TEST_CASE("uniform_int reaches both ends equally and nothing beyond") {
  Rng rng(5);
  std::map<std::int64_t, int> seen;
  for (int i = 0; i < 70'000; ++i) ++seen[rng.uniform_int(-3, 3)];
  REQUIRE(seen.size() == 7);
  CHECK(seen.begin()->first == -3);
  CHECK(seen.rbegin()->first == 3);
  double chi_square = 0;
  for (const auto& [value, count] : seen) chi_square += std::pow(count - 10'000.0, 2) / 10'000.0;
  CHECK(chi_square < 22.46);  // 6 degrees of freedom, 0.1 %
}

TEST_CASE("uniform_int has no modulo bias and knows the widest range") {
  constexpr std::int64_t kLow = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
  Rng rng(6);
  CHECK(rng.uniform_int(42, 42) == 42);
  // Three quarters of all words: taken modulo, the lowest third would come twice as often.
  int lowest_third = 0;
  constexpr std::int64_t kTop = (std::int64_t{1} << 62) - 1;
  for (int i = 0; i < 30'000; ++i) {
    if (rng.uniform_int(kLow, kTop) < kLow + (std::int64_t{1} << 62)) ++lowest_third;
  }
  CHECK(lowest_third / 3e4 == Approx(1.0 / 3.0).margin(0.015));
  int negative = 0;
  for (int i = 0; i < 10'000; ++i) negative += rng.uniform_int(kLow, kHigh) < 0 ? 1 : 0;
  CHECK(negative / 1e4 == Approx(0.5).margin(0.02));
}

TEST_CASE("normal and exponential draws have their moments") {
  Rng rng(21);
  double sum = 0;
  double squares = 0;
  int beyond = 0;
  double exponential_sum = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    beyond += std::abs(x) > 1.959964 ? 1 : 0;
    exponential_sum += rng.exponential();
  }
  CHECK(sum / 2e5 == Approx(0.0).margin(0.01));
  CHECK(squares / 2e5 == Approx(1.0).margin(0.015));
  CHECK(beyond / 2e5 == Approx(0.05).margin(0.002));
  CHECK(exponential_sum / 2e5 == Approx(1.0).margin(0.01));
}

TEST_CASE("zipf ranks follow the exact law") {
  for (const double s : {0.5, 0.99, 1.0, 1.2, 3.0}) {
    constexpr std::int64_t kRanks = 20;
    constexpr int kDraws = 100'000;
    const Zipf zipf(kRanks, s);
    Rng rng(31);
    std::array<int, kRanks + 1> seen{};
    for (int i = 0; i < kDraws; ++i) {
      const std::int64_t rank = zipf.draw(rng);
      REQUIRE(rank >= 1);
      REQUIRE(rank <= kRanks);
      ++seen[static_cast<std::size_t>(rank)];
    }
    double total = 0;
    for (int k = 1; k <= kRanks; ++k) total += std::pow(k, -s);
    double chi_square = 0;
    for (std::size_t k = 1; k <= kRanks; ++k) {
      const double expected = kDraws * std::pow(static_cast<double>(k), -s) / total;
      chi_square += std::pow(seen[k] - expected, 2) / expected;
    }
    INFO("s = " << s);
    CHECK(chi_square < 43.82);  // 19 degrees of freedom, 0.1 %
  }
}

TEST_CASE("zipf keeps its range at the extremes") {
  Rng rng(32);
  CHECK(Zipf(1, 1.0).draw(rng) == 1);
  const Zipf steep(1'000'000'000, 60.0);
  const Zipf wide(std::numeric_limits<std::int64_t>::max(), 0.01);
  for (int i = 0; i < 10'000; ++i) {
    CHECK(steep.draw(rng) == 1);
    CHECK(wide.draw(rng) >= 1);
  }
}

TEST_CASE("fixed durations are themselves") {
  Rng rng(1);
  CHECK(draw(FixedDuration{250ms}, rng) == 250ms);
  CHECK(draw(FixedDuration{-1ms}, rng) == 0ns);
  CHECK(mean_of(FixedDuration{250ms}) == 250ms);
}

TEST_CASE("exponential durations have their mean and median") {
  const std::vector<double> draws = sorted_draws_ms(ExponentialDuration{40ms}, 100'000);
  CHECK(mean_of_draws(draws) == Approx(40.0).epsilon(0.01));
  CHECK(at(draws, 0.5) == Approx(40.0 * std::log(2.0)).epsilon(0.02));
  CHECK(mean_of(ExponentialDuration{40ms}) == 40ms);
}

TEST_CASE("lognormal durations hit their median and 95th percentile") {
  const LognormalDuration spec{150ms, 400ms};
  const std::vector<double> draws = sorted_draws_ms(spec, 100'000);
  CHECK(at(draws, 0.5) == Approx(150.0).epsilon(0.01));
  CHECK(at(draws, 0.95) == Approx(400.0).epsilon(0.015));
  const double sigma = std::log(400.0 / 150.0) / 1.6448536269514722;
  CHECK(to_ms(mean_of(spec)) == Approx(150.0 * std::exp(sigma * sigma / 2)));
  CHECK(mean_of_draws(draws) == Approx(to_ms(mean_of(spec))).epsilon(0.01));
}

TEST_CASE("uniform durations include both ends") {
  Rng rng(4);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 200; ++i) {
    const Duration d = draw(UniformDuration{1ns, 4ns}, rng);
    REQUIRE(d >= 1ns);
    REQUIRE(d <= 4ns);
    low = low || d == 1ns;
    high = high || d == 4ns;
  }
  CHECK(low);
  CHECK(high);
  CHECK(mean_of(UniformDuration{1ms, 3ms}) == 2ms);
}

TEST_CASE("normal durations never fall below zero") {
  const std::vector<double> draws = sorted_draws_ms(NormalDuration{10ms, 10ms}, 50'000);
  CHECK(draws.front() == 0.0);
  const auto zeros = std::count(draws.begin(), draws.end(), 0.0);
  CHECK(static_cast<double>(zeros) / 5e4 == Approx(0.1587).margin(0.005));
  CHECK(at(draws, 0.5) == Approx(10.0).epsilon(0.02));
  CHECK(mean_of(NormalDuration{10ms, 10ms}) == 10ms);
}

TEST_CASE("empirical durations take each value as often") {
  const EmpiricalDuration spec{{12ms, 15ms, 21ms}};
  const std::vector<double> draws = sorted_draws_ms(spec, 30'000);
  for (const double value : {12.0, 15.0, 21.0}) {
    const auto count = std::count(draws.begin(), draws.end(), value);
    CHECK(static_cast<double>(count) / 3e4 == Approx(1.0 / 3.0).margin(0.012));
  }
  CHECK(mean_of(spec) == 16ms);
}

TEST_CASE("long tails end at one hour") {
  Rng rng(8);
  Duration longest{0};
  for (int i = 0; i < 1000; ++i) {
    longest = std::max(longest, draw(LognormalDuration{1ms, 24h}, rng));
    longest = std::max(longest, draw(ExponentialDuration{24h}, rng));
    longest = std::max(longest, draw(NormalDuration{24h, 1h}, rng));
  }
  CHECK(longest == 1h);
  CHECK(mean_of(LognormalDuration{1ns, Duration::max()}) > 0ns);
}

TEST_CASE("every distribution draws the same on every compiler") {
  Rng rng(2026, 1);
  const DurationSpec specs[] = {ExponentialDuration{40ms}, UniformDuration{1ms, 3ms},
                                LognormalDuration{150ms, 400ms}, NormalDuration{10ms, 2ms},
                                EmpiricalDuration{{12ms, 15ms, 21ms}}};
  std::vector<std::int64_t> drawn_ns;
  for (const DurationSpec& spec : specs) drawn_ns.push_back(draw(spec, rng).count());
  drawn_ns.push_back(Zipf(1000, 0.99).draw(rng));
  CHECK(drawn_ns ==
        std::vector<std::int64_t>{34747635, 2969400, 185771276, 10772193, 15000000, 55});
}
