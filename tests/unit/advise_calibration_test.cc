// The slow-down found in samples whose truth is known.
#include "advise/prediction.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"

namespace poolgauge {
namespace {

/// `n` requests of one statement of about 1 ms, while 1 to `most` were under way.
Calibration sampled(double capacity, double most, std::size_t n = 800) {
  Rng rng(7);
  Calibration calibration;
  calibration.exchanges = {{{}, {}, {}}};
  for (std::size_t i = 0; i < n; ++i) {
    const double active = 1 + rng.uniform() * (most - 1);
    const double us = 1000 * std::exp(0.3 * rng.normal()) / speed_of(capacity, active);
    TransactionSample sample;
    sample.exchanges = {{}, {static_cast<float>(us), static_cast<float>(active)}, {}};
    calibration.transactions.push_back(sample);
    ++calibration.exchanges[0][1].count;
    calibration.exchanges[0][1].total_us += us;
  }
  return calibration;
}

TEST_CASE("speed falls as one over n beyond the capacity, and is 1 for one alone") {
  CHECK(speed_of(4, 1) == 1);
  CHECK(speed_of(4, 2) > 0.98);
  CHECK(speed_of(4, 16) == Approx(0.25).epsilon(0.01));
  CHECK(speed_of(4, 32) / speed_of(4, 16) == Approx(0.5).epsilon(0.01));
}

TEST_CASE("the capacity is found where the sample shows it") {
  for (const double capacity : {2.0, 4.0, 8.0}) {
    const ServerFit fit = fit_server(sampled(capacity, 20));
    INFO("capacity " << capacity << " found " << fit.capacity);
    CHECK(fit.observed);
    CHECK(fit.capacity_low <= capacity * 1.03);
    CHECK(fit.capacity_high >= capacity * 0.97);
    CHECK(std::abs(std::log(fit.capacity / capacity)) < 0.15);
  }
}

TEST_CASE("where the sample cannot tell, the number of cores stands in") {
  Calibration narrow = sampled(2, 1.1);
  narrow.cores = 16;
  const ServerFit fit = fit_server(narrow);
  CHECK_FALSE(fit.observed);
  CHECK(fit.capacity == 16);
  CHECK(std::isinf(fit.capacity_high));
  Calibration few = sampled(2, 20, 50);
  CHECK_FALSE(fit_server(few).observed);
  CHECK(fit_server(Calibration{}).capacity == 0);
}

TEST_CASE("many at a time without slowing down need as many cores") {
  Calibration idle = sampled(1000, 12);
  idle.cores = 2;
  const ServerFit fit = fit_server(idle);
  CHECK_FALSE(fit.observed);
  CHECK(fit.capacity > 11);
}

TEST_CASE("a profile plays the sample's own times, as they would be alone") {
  Report report;
  report.calibration = sampled(2, 20);
  RequestSpec request;
  request.steps.resize(1);
  Scenario scenario;
  scenario.requests = {request};
  const ServerProfile profile = profile_of(report, scenario);
  REQUIRE(profile.transactions.size() == 800);
  double mean = 0;
  for (const auto& transaction : profile.transactions) {
    CHECK(transaction.alone[0] == Duration{0});
    mean += to_ms(transaction.alone[1]) / 800;
  }
  CHECK(mean == Approx(1.046).epsilon(0.1));  // lognormal: exp(0.3 ^ 2 / 2)
  CHECK(profile.speed[0] == 1);
  CHECK(profile.speed[19] < 0.2);
  scenario.requests[0].steps.resize(2);  // another scenario's sample says nothing
  CHECK(profile_of(report, scenario).transactions.empty());
}

}  // namespace
}  // namespace poolgauge
