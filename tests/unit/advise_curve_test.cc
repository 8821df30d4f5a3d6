// Curves from measured points: where to measure, and what is said of the result.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "advise/score.h"

using namespace poolgauge;

namespace {

CurvePoint point(double at, double throughput) {
  CurvePoint one;
  one.at = at;
  one.throughput_per_s = throughput;
  return one;
}

std::vector<CurvePoint> cores(const std::vector<double>& sizes, double count) {
  std::vector<CurvePoint> points;
  for (const double at : sizes) points.push_back(point(at, 100 * std::min(at, count)));
  return points;
}

bool contains(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("First places are whole, spread by ratio, and hold both ends") {
  const std::vector<double> places = first_places(5, 60, 6);
  REQUIRE(places.size() == 6);
  CHECK(places.front() == 5);
  CHECK(places.back() == 60);
  for (std::size_t i = 1; i < places.size(); ++i) {
    CHECK(places[i] == std::round(places[i]));
    CHECK(places[i] / places[i - 1] == Approx(std::pow(12, 0.2)).epsilon(0.12));
  }
  CHECK(first_places(1, 4, 6) == std::vector<double>{1, 2, 3, 4});
  CHECK(first_places(7, 7, 6) == std::vector<double>{7});
}

TEST_CASE("The next place is near the knee, and nowhere once all agree") {
  const auto next = next_place(cores({1, 4, 16, 32, 64}, 10), 1, 64);
  REQUIRE(next);
  CHECK(*next > 4);
  CHECK(*next < 32);
  CHECK_FALSE(next_place(cores({1, 2, 4, 8, 16}, 1e9), 1, 16));
  CHECK_FALSE(next_place(cores({1, 2}, 10), 1, 2));
}

TEST_CASE("A knee is named, with what lies beyond it") {
  const Curve flat = make_curve("pool", cores({1, 4, 8, 10, 16, 32, 64}, 10));
  REQUIRE(flat.knee);
  CHECK(flat.knee->at == Approx(9.7).epsilon(0.05));
  CHECK(contains(flat.finding, "95 % of its maximum at 10 connections (the knee)"));
  CHECK(contains(flat.finding, "up to 64 connections"));
  CHECK(flat.line.size() == 41);
  CHECK(flat.families.size() == 3);

  std::vector<CurvePoint> points;
  for (const double n : {1.0, 4.0, 10.0, 20.0, 40.0, 80.0}) {
    points.push_back(point(n, 100 * n / (1 + 0.02 * (n - 1) + 0.001 * n * (n - 1))));
  }
  const Curve falling = make_curve("users", points);
  CHECK(contains(falling.finding, ": at 80 users it is"));
  const Curve level = make_curve("pool", cores({12, 16, 24, 32}, 10));
  CHECK(contains(level.finding, "peaks at 12 connections, the smallest tried"));
  const Curve rising = make_curve("pool", cores({1, 2, 4, 8, 16}, 1e9));
  CHECK(contains(rising.finding, "still rises at 16 connections"));
}

TEST_CASE("Unusable points are shown, not fitted") {
  std::vector<CurvePoint> points = cores({1, 4, 16, 32}, 10);
  CurvePoint broken = point(8, 3);
  broken.usable = false;
  points.push_back(broken);
  const Curve curve = make_curve("pool", points);
  REQUIRE(curve.points.size() == 5);
  CHECK(curve.points[2].at == 8);
  for (const CurveLine& at : curve.line) CHECK(at.throughput_per_s > 90);
  for (CurvePoint& one : points) one.usable = false;
  const Curve nothing = make_curve("pool", points);
  CHECK(nothing.line.empty());
  CHECK_FALSE(nothing.knee);
  CHECK(contains(nothing.finding, "Too few usable points"));
}

TEST_CASE("Goals: the smallest pool, or the largest load") {
  std::vector<CurvePoint> points = cores({1, 4, 16, 32}, 10);
  for (CurvePoint& one : points) one.goals_met = one.at >= 16;
  CHECK(contains(make_curve("pool", points).finding,
                 "meets the goals has 16 connections per process"));
  for (CurvePoint& one : points) one.goals_met = one.at <= 4;
  CHECK(contains(make_curve("users", points).finding, "met up to 4 users."));
  for (CurvePoint& one : points) one.goals_met = false;
  CHECK(contains(make_curve("pool", points).finding, "None of the sizes tried meets the goals"));
  // A point that is not usable leaves it open.
  points.back().usable = false;
  CHECK(contains(make_curve("pool", points).finding, "1 of 4 points was not usable"));
  points.back().goals_met = true;
  CHECK(contains(make_curve("pool", points).finding, "With 32 connections, they were met"));
}
