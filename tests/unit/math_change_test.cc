// Change points: levels that are known, noise that must not be taken for one, and Student's t.
#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"
#include "math/change_points.h"
#include "math/samples.h"

namespace poolgauge::math {
namespace {

std::vector<double> noisy(std::uint64_t seed, std::vector<std::pair<int, double>> levels,
                          double noise = 0.02) {
  Rng rng(seed);
  std::vector<double> values;
  for (const auto& [count, level] : levels) {
    for (int i = 0; i < count; ++i) values.push_back(level + noise * rng.normal());
  }
  return values;
}

TEST_CASE("a step is found where it is, with the levels on both sides") {
  const auto points = change_points(noisy(1, {{20, 0.0}, {15, 0.2}}), {});
  REQUIRE(points.size() == 1);
  CHECK(points[0].at == 20);
  CHECK(points[0].before == Approx(0).margin(0.02));
  CHECK(points[0].after == Approx(0.2).margin(0.02));
  CHECK(points[0].p <= 0.01);
}

TEST_CASE("three runs after it are enough where the step is large") {
  const auto points = change_points(noisy(3, {{12, 0.0}, {3, 0.3}}), {});
  REQUIRE(points.size() == 1);
  CHECK(points[0].at == 12);
}

TEST_CASE("up and down again are two changes") {
  const auto points = change_points(noisy(2, {{40, 0.0}, {12, 0.25}, {14, 0.0}}), {});
  REQUIRE(points.size() == 2);
  CHECK(points[0].at == 40);
  CHECK(points[1].at == 52);
}

TEST_CASE("noise alone is hardly ever taken for a change, small steps never") {
  int alarms = 0;
  ChangeRules any;
  any.least = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    alarms += change_points(noisy(seed, {{30, 0.0}}), any).empty() ? 0 : 1;
  }
  CHECK(alarms <= 4);  // one is expected
  CHECK(change_points(noisy(1, {{30, 0.0}, {30, 0.03}}, 0.001), {}).empty());
}

TEST_CASE("too short, empty and constant series have no change") {
  CHECK(change_points({}, {}).empty());
  const std::vector<double> five{0, 0, 0, 1, 1};
  CHECK(change_points(five, {}).empty());
  const std::vector<double> constant(40, 3.0);
  CHECK(change_points(constant, {}).empty());
}

TEST_CASE("the same series and seed give the same answer") {
  const auto series = noisy(5, {{18, 0.0}, {18, 0.06}});
  const auto a = change_points(series, {});
  const auto b = change_points(series, {});
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i].p == b[i].p);
}

TEST_CASE("student: intervals of a mean and of a difference by the textbook") {
  const std::vector<double> a{1, 2, 3};
  const auto mean = mean_interval(a, 0.05);
  REQUIRE(mean);
  CHECK(mean->high - 2 == Approx(4.302652730 / std::sqrt(3.0)));
  CHECK_FALSE(mean_interval(std::vector<double>{1}, 0.05));
  const std::vector<double> b{6};
  const auto shift = student_shift(a, b, 0.05);
  REQUIRE(shift);
  CHECK(shift->shift == Approx(4));
  CHECK(shift->high - 4 == Approx(4.302652730 * std::sqrt(1 + 1 / 3.0)));
  CHECK(shift->p == Approx(0.07417).epsilon(0.001));
  CHECK_FALSE(student_shift(b, b, 0.05));
  const auto known = normal_shift(b, a, 1, 0.05);
  CHECK(known->low == Approx(-4 - 1.959964 * std::sqrt(1 + 1 / 3.0)));
}

}  // namespace
}  // namespace poolgauge::math
