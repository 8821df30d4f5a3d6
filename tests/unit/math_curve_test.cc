// Curves through measured points: each family on its own ground, and all of them together.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "math/fit_curve.h"

using namespace poolgauge::math;

namespace {

const std::vector<double> kSizes = {1, 2, 4, 8, 12, 16, 24, 40};

std::vector<double> rates(const RateCurve& curve, const std::vector<double>& n = kSizes) {
  std::vector<double> x;
  for (const double one : n) x.push_back(curve(one));
  return x;
}

RateCurve cores(double gamma, double count) {
  return [=](double n) { return gamma * std::min(n, count); };
}

}  // namespace

TEST_CASE("The knee's fit finds its own curve") {
  const Knee truth{120, 14, 5, 0.004};
  const auto fit = fit_knee(kSizes, rates([&](double n) { return truth.rate(n); }));
  REQUIRE(fit);
  for (const double n : {1.0, 6.0, 14.0, 20.0, 40.0}) {
    CHECK(fit->rate(n) == Approx(truth.rate(n)).epsilon(0.005));
  }
}

TEST_CASE("The knee is defined far beyond its corner") {
  const Knee sharp{100, 4, 20, 0};
  CHECK(sharp.rate(1) == Approx(100).epsilon(0.01));
  CHECK(sharp.rate(4000) == Approx(400).epsilon(0.01));
}

TEST_CASE("Too few points fit no knee") {
  const std::vector<double> three = {1, 2, 4};
  CHECK_FALSE(fit_knee(three, rates(cores(10, 2), three)));
}

TEST_CASE("The spline meets every point and overshoots none") {
  const std::vector<double> n = {1, 4, 8, 12, 16, 20, 24};
  const std::vector<double> x = {4200, 15500, 27400, 38100, 46500, 47000, 44600};
  const auto spline = MonotoneCurve::through(n, x);
  REQUIRE(spline);
  for (std::size_t i = 0; i < n.size(); ++i) CHECK(spline->rate(n[i]) == Approx(x[i]));
  // ln(n / X) lies between its neighbours' between them.
  for (std::size_t i = 0; i + 1 < n.size(); ++i) {
    const double low = std::min(n[i] / x[i], n[i + 1] / x[i + 1]);
    const double high = std::max(n[i] / x[i], n[i + 1] / x[i + 1]);
    for (double at = n[i]; at < n[i + 1]; at += 0.25) {
      CHECK(at / spline->rate(at) >= low * (1 - 1e-9));
      CHECK(at / spline->rate(at) <= high * (1 + 1e-9));
    }
  }
  CHECK(spline->rate(48) > 0);
}

TEST_CASE("All families together follow a server that runs out of cores") {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0, 0.02);
  std::vector<double> x = rates(cores(90, 16));
  for (double& one : x) one *= std::exp(noise(random));
  const auto fit = fit_curve(kSizes, x);
  REQUIRE(fit);
  REQUIRE(fit->families.size() == 3);
  double error = 0;
  double of_the_law = 0;  // which cannot follow a corner
  for (const double n : {3.0, 6.0, 10.0, 14.0, 20.0, 32.0}) {
    const double truth = cores(90, 16)(n);
    error += std::abs(std::log(fit->rate(n) / truth)) / 6;
    of_the_law += std::abs(std::log(fit->families[0].curve(n) / truth)) / 6;
    CHECK(fit->lowest(n) <= fit->rate(n));
    CHECK(fit->highest(n) >= fit->rate(n));
  }
  CHECK(fit->families[0].name == "usl");
  CHECK(error < 0.03);
  CHECK(error < of_the_law);
}

TEST_CASE("A family that is clearly better answers alone") {
  const Knee truth{100, 10, 20, 0};
  const auto fit = fit_curve(kSizes, rates([&](double n) { return truth.rate(n); }));
  REQUIRE(fit);
  REQUIRE(fit->chosen >= 0);
  CHECK(fit->families[static_cast<std::size_t>(fit->chosen)].name == "knee");
  CHECK(fit->rate(11) == Approx(truth.rate(11)).epsilon(0.01));
}

TEST_CASE("Repeated points count as one, nonsense as none") {
  const std::vector<double> twice = {1, 1, 2, 4};
  CHECK(fit_curve(twice, rates(cores(10, 3), twice)));
  const std::vector<double> two = {1, 1, 2};
  CHECK_FALSE(fit_curve(two, rates(cores(10, 3), two)));
  const std::vector<double> dead = {10, 0, 20};
  const std::vector<double> n = {1, 2, 3};
  CHECK_FALSE(fit_curve(n, dead));
}

TEST_CASE("The knee's place, and what lies beyond it") {
  const KneePoint flat = find_knee(cores(100, 10), 1, 60);
  CHECK(flat.at == Approx(9.5).epsilon(0.02));
  CHECK(flat.peak_rate == Approx(1000));
  CHECK(flat.beyond == Approx(0).margin(1e-9));
  CHECK_FALSE(flat.rising);
  const KneePoint falling = find_knee(Usl{100, 0.02, 0.0005}.curve(), 1, 100);
  CHECK(falling.peak_at == Approx(44.3).epsilon(0.02));
  CHECK(falling.beyond == Approx(1256.0 / 1568 - 1).epsilon(0.02));
  const KneePoint rising = find_knee(cores(100, 1000), 1, 60);
  CHECK(rising.rising);
  CHECK(rising.peak_at == Approx(60));
}

TEST_CASE("The next point is where the families disagree") {
  const std::vector<double> few = {1, 4, 16, 32, 64};
  const auto fit = fit_curve(few, rates(cores(100, 10), few));
  REQUIRE(fit);
  const auto next = most_doubtful(*fit, 1, 64, few);
  REQUIRE(next);
  CHECK(*next > 4);
  CHECK(*next < 32);
  const std::vector<double> straight = {1, 2, 4, 8, 16};
  const auto agreed = fit_curve(straight, rates(cores(10, 1e6), straight));
  REQUIRE(agreed);
  CHECK_FALSE(most_doubtful(*agreed, 1, 16, straight));
}
