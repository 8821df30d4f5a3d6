// Confidence intervals against known values and against the definition.
#include "stats/interval.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"

using namespace poolgauge;

TEST_CASE("a percentile needs enough values") {
  const std::pair<double, std::uint64_t> cases[] = {
      {0.5, 6}, {0.9, 36}, {0.95, 72}, {0.99, 368}, {0.999, 3688}};
  for (const auto& [q, n] : cases) {
    INFO("q " << q);
    CHECK(samples_needed(q) == n);
    CHECK(quantile_supported(n, q));
    CHECK_FALSE(quantile_supported(n - 1, q));
    CHECK(1.0 - std::pow(q, static_cast<double>(n)) >= 0.975);
    CHECK(1.0 - std::pow(q, static_cast<double>(n - 1)) < 0.975);
    // The interval exists exactly from there on, and then ends at the largest value.
    CHECK_FALSE(quantile_ranks(n - 1, q).has_value());
    REQUIRE(quantile_ranks(n, q).has_value());
    CHECK(quantile_ranks(n, q)->high == n);
  }
  CHECK_FALSE(quantile_supported(0, 0.5));
  CHECK_FALSE(quantile_supported(1000, 0.0));
  CHECK_FALSE(quantile_supported(1000, 1.0));
  CHECK_FALSE(quantile_supported(1000, std::nan("")));
}

TEST_CASE("ranks of known cases") {
  struct Case {
    std::uint64_t n;
    double q;
    std::uint64_t low;
    std::uint64_t high;
  };
  // From the binomial's quantiles; the first is the classic interval of a median of ten.
  const Case cases[] = {{10, 0.5, 2, 9},        {20, 0.5, 6, 15},     {100, 0.5, 40, 61},
                        {1000, 0.95, 936, 964}, {100, 0.95, 90, 100}, {100, 0.05, 1, 11}};
  for (const Case& c : cases) {
    INFO("n " << c.n << ", q " << c.q);
    const auto ranks = quantile_ranks(c.n, c.q);
    REQUIRE(ranks.has_value());
    CHECK(ranks->low == c.low);
    CHECK(ranks->high == c.high);
  }
  CHECK_FALSE(quantile_ranks(0, 0.5).has_value());
  CHECK_FALSE(quantile_ranks(100, 0.0).has_value());
  CHECK_FALSE(quantile_ranks(100, 1.5).has_value());
}

TEST_CASE("the sum and the normal approximation meet") {
  for (const double q : {0.3, 0.5, 0.9}) {
    const auto exact = quantile_ranks(1000, q);
    const auto normal = quantile_ranks(20'000, q);
    REQUIRE(exact.has_value());
    REQUIRE(normal.has_value());
    const auto half_width = [q](const RankInterval& r, double n) {
      return static_cast<double>(r.high - r.low) / 2 / std::sqrt(n * q * (1 - q));
    };
    CHECK(half_width(*exact, 1000) == Approx(1.96).margin(0.06));
    CHECK(half_width(*normal, 20'000) == Approx(1.96).margin(0.02));
  }
  const auto wide = quantile_ranks(100'000'000, 0.5);
  REQUIRE(wide.has_value());
  CHECK(wide->low == 49'990'200);
  CHECK(wide->high == 50'009'801);
}

TEST_CASE("an interval holds the true quantile about 95 times in 100") {
  Rng rng(3);
  int held = 0;
  constexpr int kRounds = 400;
  const double truth_ns = -std::log(0.05) * 1e7;
  for (int round = 0; round < kRounds; ++round) {
    Histogram histogram;
    for (int i = 0; i < 500; ++i) {
      histogram.record(Duration{std::llround(rng.exponential() * 1e7)});
    }
    const auto interval = quantile_interval(histogram, 0.95);
    REQUIRE(interval.has_value());
    const bool inside = static_cast<double>(interval->low.count()) <= truth_ns &&
                        truth_ns <= static_cast<double>(interval->high.count());
    held += inside ? 1 : 0;
  }
  CHECK(held >= 0.93 * kRounds);
  CHECK(held < kRounds);
}

TEST_CASE("an interval encloses its estimate, and is absent where unsupported") {
  Histogram histogram;
  for (int i = 1; i <= 71; ++i) histogram.record(Duration{i});
  CHECK_FALSE(quantile_interval(histogram, 0.95).has_value());
  CHECK_FALSE(quantile_interval(Histogram{}, 0.5).has_value());
  for (int i = 72; i <= 100; ++i) histogram.record(Duration{i});
  const auto interval = quantile_interval(histogram, 0.95);
  REQUIRE(interval.has_value());
  CHECK(interval->low == Duration{90});
  CHECK(interval->high == Duration{100});
}

TEST_CASE("Wilson's interval") {
  const RateInterval three = wilson_interval(3, 1000);
  CHECK(three.low == Approx(0.00102078388));
  CHECK(three.high == Approx(0.00878301405));
  const RateInterval none = wilson_interval(0, 3000);
  CHECK(none.low == 0.0);
  CHECK(none.high == Approx(0.00127884873));
  const RateInterval all = wilson_interval(50, 50);
  CHECK(all.low == Approx(0.92865).epsilon(1e-4));
  CHECK(all.high == 1.0);
  const RateInterval unknown = wilson_interval(0, 0);
  CHECK(unknown.low == 0.0);
  CHECK(unknown.high == 1.0);
}

TEST_CASE("seeing nothing is not knowing zero") {
  CHECK(zero_events_upper_limit(0) == 1.0);
  CHECK(zero_events_upper_limit(1) == Approx(0.95));
  CHECK(zero_events_upper_limit(2995) < 0.001);
  CHECK(zero_events_upper_limit(2994) > 0.001);
  CHECK(zero_events_upper_limit(1'000'000'000) == Approx(2.9957e-9).epsilon(1e-4));
}
