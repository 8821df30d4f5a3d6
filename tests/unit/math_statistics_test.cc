// Intervals, rank tests, fits and warm-up.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "math/change_points.h"
#include "math/rate_curve.h"
#include "math/samples.h"

using namespace poolgauge;
using namespace poolgauge::math;

TEST_CASE("Intervals of a rate") {
  CHECK(wilson(0, 100, 0.05).low == 0);
  CHECK(wilson(100, 100, 0.05).high == 1);
  CHECK(wilson(0, 0, 0.05).high == 1);
  // The exact interval's ends put alpha / 2 beyond them: P(X = 0) = 0.025 at the upper one.
  CHECK(std::pow(1 - clopper_pearson(0, 50, 0.05).high, 50) == Approx(0.025));
  const Interval narrow = clopper_pearson(50, 1000, 0.1);
  const Interval wide = clopper_pearson(50, 1000, 0.01);
  CHECK((wide.low < narrow.low && narrow.high < wide.high));
}

TEST_CASE("Ranks around a quantile") {
  CHECK(samples_for_quantile(0.95, 0.05) == 72);
  CHECK_FALSE(quantile_ranks(71, 0.95, 0.05));
  REQUIRE(quantile_ranks(72, 0.95, 0.05));
  CHECK(quantile_ranks(72, 0.95, 0.05)->high == 72);
  const auto median = quantile_ranks(101, 0.5, 0.05);
  REQUIRE(median);
  CHECK(median->low + median->high == 102);  // symmetric
  CHECK(median->coverage >= 0.95);
  CHECK_FALSE(quantile_ranks(0, 0.5, 0.05));
}

TEST_CASE("What a sample can show") {
  CHECK(samples_for_zero_events(0.001, 0.05) == 2995);
  CHECK(detectable_effect(10, 0.03, 0.05, 0.2) == Approx(0.0298414).epsilon(1e-5));
  const std::uint64_t pairs = pairs_for_effect(0.02, 0.03, 0.05, 0.2);
  CHECK(detectable_effect(pairs, 0.03, 0.05, 0.2) <= 0.02);
  CHECK(detectable_effect(pairs - 1, 0.03, 0.05, 0.2) > 0.02);
  CHECK(effective_samples(0.1, 0, 30, 500) == 500);
  CHECK(effective_samples(0.1, 0.05, 30, 5000) == Approx(0.09 * 30 / 0.0025));
}

TEST_CASE("Two samples show what their interval is wide enough for") {
  // Eight values: six degrees of freedom, not the three of four pairs.
  const double error = 0.01;
  CHECK(detectable_shift(error, 6, 0.05, 0.2) == Approx(error * (2.44691 + 0.90570)).epsilon(1e-4));
  CHECK(detectable_shift(error, std::numeric_limits<double>::infinity(), 0.05, 0.2) ==
        Approx(error * (1.95996 + 0.84162)).epsilon(1e-4));
  const std::uint64_t runs = runs_for_effect(0.02, 0.03, 0.05, 0.2);
  CHECK(runs <= pairs_for_effect(0.02, 0.03, 0.05, 0.2));
  const auto shown = [](std::uint64_t n) {
    const auto count = static_cast<double>(n);
    return detectable_shift(0.03 / std::sqrt(count), 2 * count - 2, 0.05, 0.2);
  };
  CHECK(shown(runs) <= 0.02);
  CHECK(shown(runs - 1) > 0.02);
}

TEST_CASE("Mann-Whitney knows ties, small samples and large ones") {
  const std::vector<double> a = {1, 2, 2, 3};
  const auto same = mann_whitney(a, a, 0.05);
  REQUIRE(same);
  CHECK(same->u == 8);
  CHECK(same->b_minus_a.shift == 0);
  CHECK(same->b_minus_a.p == 1);
  CHECK_FALSE(mann_whitney(a, {}, 0.05));
  const std::vector<double> two = {5, 6};
  const auto tiny = mann_whitney(two, a, 0.05);
  CHECK(tiny->b_minus_a.confidence < 0.95);  // it cannot be reached, and the interval says so
  CHECK(tiny->b_minus_a.shift < 0);

  Rng rng(1);
  std::vector<double> many_a, many_b;
  for (int i = 0; i < 100; ++i) many_a.push_back(rng.normal());
  for (int i = 0; i < 100; ++i) many_b.push_back(rng.normal() + 1);
  const auto large = mann_whitney(many_a, many_b, 0.05);
  CHECK(large->b_minus_a.p < 1e-6);
  CHECK(large->b_minus_a.low < 1);
  CHECK(large->b_minus_a.high > 1);
  CHECK(large->b_minus_a.low > 0.5);
}

TEST_CASE("The smallest p of signed ranks is 2 / 2^n") {
  std::vector<double> differences;
  for (int n = 1; n <= 10; ++n) {
    differences.push_back(n + 0.01 * n * n);
    const auto test = signed_ranks(differences, 0.05);
    CHECK(test->p == Approx(std::pow(2.0, 1 - n)));
    CHECK((test->confidence >= 0.95) == (n >= 6));
  }
  CHECK_FALSE(signed_ranks({}, 0.05));
  const std::vector<double> nothing = {0, 0, 0};
  CHECK(signed_ranks(nothing, 0.05)->p == 1);
}

TEST_CASE("The interval of signed ranks covers as often as it says") {
  Rng rng(7);
  int covered = 0;
  constexpr int kTrials = 2000;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<double> differences;
    for (int k = 0; k < 10; ++k) differences.push_back(0.3 + rng.normal());
    const auto test = signed_ranks(differences, 0.05);
    if (test->low <= 0.3 && 0.3 <= test->high) ++covered;
  }
  const double share = static_cast<double>(covered) / kTrials;
  CHECK(share > 0.935);  // its confidence is 0.951
  CHECK(share < 0.968);
}

TEST_CASE("Many pairs are judged like few") {
  Rng rng(3);
  std::vector<double> differences;
  for (int k = 0; k < 201; ++k) differences.push_back(0.2 + rng.normal());
  const auto normal = signed_ranks(differences, 0.05);
  differences.pop_back();
  const auto exact = signed_ranks(differences, 0.05);
  CHECK(normal->low == Approx(exact->low).margin(0.03));
  CHECK(normal->high == Approx(exact->high).margin(0.03));
  CHECK(normal->p == Approx(exact->p).margin(0.02));
}

TEST_CASE("A USL fit finds the curve, and says when the peak was not seen") {
  std::vector<double> n, x;
  Rng rng(11);
  const Usl truth{120, 0.05, 0.0004};
  for (const double at : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 96.0}) {
    n.push_back(at);
    x.push_back(truth.rate(at) * std::exp(0.01 * rng.normal()));
  }
  const auto all = fit_usl(n, x);
  REQUIRE(all);
  CHECK(all->usl.gamma == Approx(120).epsilon(0.03));
  CHECK(*all->usl.peak() == Approx(*truth.peak()).epsilon(0.1));
  CHECK_FALSE(all->peak_beyond_data);
  const auto some = fit_usl(std::span(n).first(5), std::span(x).first(5));
  REQUIRE(some);
  CHECK(some->peak_beyond_data);
}

TEST_CASE("A USL fit refuses what cannot be fitted") {
  const std::vector<double> n = {1, 2, 2};
  const std::vector<double> x = {1, 2, 2};
  CHECK_FALSE(fit_usl(n, x));  // only two different points
  const std::vector<double> more = {1, 2, 3};
  const std::vector<double> zero = {1, 0, 2};
  CHECK_FALSE(fit_usl(more, zero));
  CHECK_FALSE(fit_usl(more, std::vector<double>{1, 2}));
  // A straight line: neither contention nor coherency.
  const auto line = fit_usl(more, std::vector<double>{10, 20, 30});
  REQUIRE(line);
  CHECK(line->usl.sigma == Approx(0).margin(1e-4));
  CHECK(line->usl.rate(3) == Approx(30).epsilon(1e-3));
}

TEST_CASE("Warm-up ends where the series becomes steady") {
  std::vector<double> series;
  for (int i = 0; i < 20; ++i) series.push_back(100 - 4 * i);
  for (int i = 0; i < 80; ++i) series.push_back(20 + (i % 2));
  const auto cut = mser(series);
  REQUIRE(cut);
  CHECK(cut->delete_first >= 15);
  CHECK(cut->delete_first <= 25);
  CHECK_FALSE(cut->at_limit);
  std::vector<double> rising;
  for (int i = 0; i < 100; ++i) rising.push_back(i);
  CHECK(mser(rising)->at_limit);
  CHECK_FALSE(mser(std::vector<double>(9, 1.0)));
  CHECK(mser(std::vector<double>(40, 0.1))->delete_first == 0);
}
