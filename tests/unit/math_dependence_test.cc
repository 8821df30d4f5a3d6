// What dependent values are worth: known answers, and how often the intervals hold what they claim.
#include "math/samples.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "base/rng.h"

namespace poolgauge::math {
namespace {

/// x(t) = r x(t-1) + noise, with variance 1.
std::vector<double> ar1(double r, std::size_t n, std::uint64_t seed) {
  Rng rng(seed, 0);
  std::vector<double> series;
  double x = rng.normal();
  for (std::size_t i = 0; i < n; ++i) {
    series.push_back(x);
    x = r * x + std::sqrt(1 - r * r) * rng.normal();
  }
  return series;
}

/// How many of the values of each of `count` batches lie above `limit`.
std::vector<BatchCount> batches_of(const std::vector<double>& series, std::size_t count,
                                   double limit) {
  std::vector<BatchCount> batches(count);
  for (std::size_t i = 0; i < series.size(); ++i) {
    BatchCount& batch = batches[i * count / series.size()];
    batch.trials += 1;
    if (series[i] > limit) batch.hits += 1;
  }
  return batches;
}

TEST_CASE("equal batches of independent values are worth what the formula says", "[math]") {
  // Fractions 0.1 and 0.3 in turn: mean 0.2, variance of the batches 40/39 of 0.01.
  std::vector<BatchCount> batches;
  for (int i = 0; i < 40; ++i) batches.push_back({i % 2 == 0 ? 10.0 : 30.0, 100});
  const EffectiveSample worth = effective_sample(batches, 0.05);
  const double t39 = 2.022690920036762;
  const double normal = 1.959963984540054;
  const double variance = 0.01 * 40 / 39 / 40;
  CHECK(worth.batches == 40);
  CHECK(worth.trials == Approx(0.16 / variance * normal * normal / (t39 * t39)).epsilon(1e-9));
}

TEST_CASE("what says nothing of dependence is taken as independent", "[math]") {
  const std::vector<BatchCount> few(7, BatchCount{5, 100});
  CHECK(effective_sample(few, 0.05).batches == 0);
  CHECK(effective_sample(few, 0.05).trials == 700);
  CHECK(effective_sample(std::vector<BatchCount>(20, BatchCount{0, 100}), 0.05).batches == 0);
  CHECK(effective_sample(std::vector<BatchCount>(20, BatchCount{7, 7}), 0.05).batches == 0);
  CHECK(effective_sample({}, 0.05).trials == 0);
  CHECK_FALSE(series_mean_interval(std::vector<double>(7, 1.0), 0.05));
}

TEST_CASE("more even than chance is not worth more than all", "[math]") {
  const std::vector<BatchCount> even(40, BatchCount{20, 100});
  CHECK(effective_sample(even, 0.05).trials == 4000);
}

TEST_CASE("one bad stretch is worth one event", "[math]") {
  // 10,000 values in 40 batches; one batch is bad throughout, as after a freeze.
  std::vector<BatchCount> batches(40, BatchCount{0, 250});
  batches[17].hits = 250;
  CHECK(effective_sample(batches, 0.05).trials < 60);
}

TEST_CASE("neighbours that go together make batches longer", "[math]") {
  // 640 values with correlation 0.9: worth about (1-r)/(1+r) = a nineteenth.
  double worth = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const std::vector<double> series = ar1(0.9, 6400, seed);
    worth += effective_sample(batches_of(series, 640, 0.0), 0.05).trials / 50;
  }
  CHECK(worth > 200);
  CHECK(worth < 900);  // the indicator depends a little less than the series itself
}

TEST_CASE("the mean of an AR(1) series lies in its interval as often as claimed", "[math]") {
  for (const double r : {0.0, 0.5, 0.9}) {
    int held = 0;
    constexpr int kRuns = 1000;
    for (int run = 0; run < kRuns; ++run) {
      const std::vector<double> series = ar1(r, 1200, static_cast<std::uint64_t>(run) + 7);
      const auto interval = series_mean_interval(series, 0.05);
      REQUIRE(interval);
      if (interval->low <= 0 && 0 <= interval->high) ++held;
    }
    INFO("r " << r << " held " << held);
    CHECK(held >= 920);
    CHECK(held <= 980);
  }
}

TEST_CASE("rates of AR(1) series lie in the interval of their effective sample", "[math]") {
  const double limit = 1.6448536269514722;  // above it: 5 %
  for (const double r : {0.0, 0.5, 0.9}) {
    int held = 0;
    int held_naively = 0;
    constexpr int kRuns = 500;
    for (int run = 0; run < kRuns; ++run) {
      const std::vector<double> series = ar1(r, 12000, static_cast<std::uint64_t>(run) + 99);
      const auto batches = batches_of(series, 40, limit);
      double hits = 0;
      for (const BatchCount& batch : batches) hits += batch.hits;
      const double n = effective_sample(batches, 0.05).trials;
      const Interval honest = wilson(hits / 12000 * n, n, 0.05);
      const Interval naive = wilson(hits, 12000, 0.05);
      if (honest.low <= 0.05 && 0.05 <= honest.high) ++held;
      if (naive.low <= 0.05 && 0.05 <= naive.high) ++held_naively;
    }
    INFO("r " << r << " held " << held << " naively " << held_naively);
    CHECK(held >= 465);  // 93 %
    if (r >= 0.9) CHECK(held_naively < 400);
  }
}

}  // namespace
}  // namespace poolgauge::math
