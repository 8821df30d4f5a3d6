// The product-limit estimate: a worked example, and what must hold of any two histograms.
#include "stats/product_limit.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "poolgauge/measurement.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Histogram in_ms(const std::vector<int>& milliseconds) {
  Histogram histogram;
  for (const int ms : milliseconds) histogram.record(std::chrono::milliseconds(ms));
  return histogram;
}

TEST_CASE("six completed requests and four in flight, to six digits", "[product_limit]") {
  const Histogram ended = in_ms({10, 12, 15, 20, 22, 30});
  const Histogram ages = in_ms({5, 18, 40, 40});
  const std::vector<SurvivalStep> steps = product_limit(ended, ages);
  const std::vector<double> survival = {0.888889, 0.777778, 0.666667, 0.533333, 0.4, 0.266667};
  const std::vector<double> errors = {0.104757, 0.138580, 0.157135, 0.173276, 0.173845, 0.159009};
  REQUIRE(steps.size() == 6);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CHECK(steps[i].survival == Approx(survival[i]).margin(5e-7));
    CHECK(steps[i].error == Approx(errors[i]).margin(5e-7));
    CHECK(steps[i].ended == i + 1);
  }
  const BoundedQuantile p50 = bounded_quantile(ended, ages, 0.5);
  REQUIRE(p50.value);
  CHECK(to_ms(*p50.value) == Approx(22).epsilon(1e-3));
  CHECK_FALSE(p50.at_least);
  const BoundedQuantile p90 = bounded_quantile(ended, ages, 0.9);
  CHECK_FALSE(p90.value);
  CHECK(p90.at_least == 40ms);
}

TEST_CASE("without ages a quantile is the histogram's own", "[product_limit]") {
  Rng rng(1, 1);
  for (int round = 0; round < 50; ++round) {
    Histogram ended;
    const int count = 1 + static_cast<int>(rng.uniform() * 500);
    for (int i = 0; i < count; ++i) ended.record(from_s(0.001 + rng.uniform()));
    for (int i = 1; i < 100; ++i) {
      const double q = i / 100.0;
      CHECK(bounded_quantile(ended, Histogram{}, q).value == ended.quantile(q));
      // And the estimator itself, with an age so young that it is never at risk.
      Histogram young;
      young.record(1us);
      CHECK(bounded_quantile(ended, young, q).value == ended.quantile(q));
    }
  }
  CHECK_FALSE(bounded_quantile(Histogram{}, Histogram{}, 0.5).value);
  CHECK_FALSE(bounded_quantile(Histogram{}, Histogram{}, 0.5).at_least);
}

TEST_CASE("the estimate agrees with the textbook's, value by value", "[product_limit]") {
  Rng rng(2, 1);
  for (int round = 0; round < 100; ++round) {
    std::vector<int> ended, ages;
    const int count = 2 + static_cast<int>(rng.uniform() * 60);
    for (int i = 0; i < count; ++i) {
      const int ms = 1 + static_cast<int>(rng.uniform() * 900);  // a bucket for each
      (rng.uniform() < 0.7 ? ended : ages).push_back(ms);
    }
    const std::vector<SurvivalStep> steps = product_limit(in_ms(ended), in_ms(ages));
    for (const SurvivalStep& step : steps) {
      double survival = 1;
      for (int ms = 1; ms <= 900; ++ms) {
        if (from_ms(ms) > step.time + 500us) break;
        double at_risk = 0, ends = 0;
        for (const int value : ended) at_risk += value >= ms ? 1 : 0, ends += value == ms ? 1 : 0;
        for (const int age : ages) at_risk += age >= ms ? 1 : 0;
        if (at_risk > 0) survival *= 1 - ends / at_risk;
      }
      CHECK(step.survival == Approx(survival).margin(1e-12));
    }
  }
}

TEST_CASE("ages never make a quantile smaller, and parts make the whole", "[product_limit]") {
  Rng rng(3, 1);
  for (int round = 0; round < 50; ++round) {
    Measurement parts[3], whole;
    for (Measurement& part : parts) part.in_flight.steps.resize(2);
    whole.in_flight.steps.resize(2);
    for (int i = 0; i < 300; ++i) {
      const Duration time = from_s(rng.uniform());
      Measurement& part = parts[static_cast<std::size_t>(rng.uniform() * 3)];
      const bool ended = rng.uniform() < 0.8;
      const auto step = static_cast<std::size_t>(rng.uniform() * 2);
      for (Measurement* m : {&part, &whole}) {
        (ended ? m->latency : m->in_flight.latency).record(time);
        if (!ended) m->in_flight.steps[step].record(time / 2);
      }
    }
    Measurement joined = parts[0];
    joined.merge(parts[1]);
    joined.merge(parts[2]);
    CHECK(joined.in_flight.latency.packed() == whole.in_flight.latency.packed());
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(joined.in_flight.steps[i].packed() == whole.in_flight.steps[i].packed());
    }
    for (const double q : {0.1, 0.5, 0.9, 0.95, 0.99}) {
      const auto a = bounded_quantile(joined.latency, joined.in_flight.latency, q);
      const auto b = bounded_quantile(whole.latency, whole.in_flight.latency, q);
      CHECK(a.value == b.value);
      CHECK(a.at_least == b.at_least);
      if (a.value) CHECK(*a.value >= whole.latency.quantile(q));
    }
  }
}

TEST_CASE("what is over a limit for certain is over it by the estimate", "[product_limit]") {
  Rng rng(4, 1);
  for (int round = 0; round < 200; ++round) {
    Histogram ended, ages;
    for (int i = 0; i < 200; ++i)
      (rng.uniform() < 0.7 ? ended : ages).record(from_s(rng.uniform()));
    const Duration limit = from_s(rng.uniform());
    const double q = 0.5 + rng.uniform() / 2;
    if (share_surely_over(ended, ages, limit) <= 1 - q) continue;
    const BoundedQuantile found = bounded_quantile(ended, ages, q);
    CHECK(found.value.value_or(found.at_least.value_or(0ns)) > limit);
  }
}

TEST_CASE("unresolved are those that are older than everything that ended", "[product_limit]") {
  CHECK(unresolved(in_ms({10, 20}), Histogram{}).count == 0);
  CHECK(unresolved(in_ms({10, 20}), in_ms({5, 15})).count == 0);
  const Unresolved found = unresolved(in_ms({10, 20}), in_ms({5, 30, 40}));
  CHECK(found.count == 2);
  CHECK(found.oldest == 40ms);
  CHECK(found.share == Approx(0.5));
  CHECK(found.share_high > found.share);
  const Unresolved all = unresolved(Histogram{}, in_ms({30, 40}));
  CHECK(all.count == 2);
  CHECK(all.share == 1);
}

TEST_CASE("the mean is at least what it would be had everything ended", "[product_limit]") {
  CHECK(least_mean_ns(in_ms({10, 20}), in_ms({60})) == Approx(30e6));
  CHECK(least_mean_ns(Histogram{}, Histogram{}) == 0);
}

TEST_CASE("ages may be kept with less precision than times", "[product_limit]") {
  Histogram ended{6}, ages{5};
  for (int i = 0; i < 90; ++i) ended.record(10ms);
  for (int i = 0; i < 10; ++i) ages.record(3s);
  CHECK(bounded_quantile(ended, ages, 0.5).value);
  CHECK(bounded_quantile(ended, ages, 0.95).at_least == 3s);
}

}  // namespace
}  // namespace poolgauge
