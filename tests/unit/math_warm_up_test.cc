// Where a series becomes steady.
#include "math/change_points.h"

#include <catch2/catch.hpp>
#include <vector>

#include "base/rng.h"

namespace poolgauge::math {
namespace {

std::vector<double> noisy(std::size_t n, double mean, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> series;
  for (std::size_t i = 0; i < n; ++i) series.push_back(mean + rng.normal());
  return series;
}

TEST_CASE("a steady series is steady from its begin, nearly always", "[math]") {
  int whole = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto from = steady_from(noisy(60, 100, seed), 10);
    if (from && *from <= 10) ++whole;
  }
  CHECK(whole >= 150);  // MSER cuts a little of pure noise now and then
}

TEST_CASE("a slow start is cut off", "[math]") {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::vector<double> series = noisy(60, 100, seed);
    for (std::size_t i = 0; i < 10; ++i) series[i] -= 80.0 - 5.0 * static_cast<double>(i);
    const auto from = steady_from(series, 10);
    if (!from) continue;  // halves of pure noise differ by two standard errors now and then
    INFO("seed " << seed);
    ++found;
    CHECK(*from >= 10);
    CHECK(*from <= 25);
  }
  CHECK(found >= 44);
}

TEST_CASE("what goes on growing is not steady", "[math]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::vector<double> series = noisy(60, 100, seed);
    for (std::size_t i = 0; i < series.size(); ++i) series[i] += static_cast<double>(i);
    CHECK_FALSE(steady_from(series, 10));
  }
}

TEST_CASE("a late change is not steady", "[math]") {
  std::vector<double> series = noisy(40, 100, 1);
  for (std::size_t i = 32; i < 40; ++i) series[i] = 140;
  CHECK_FALSE(steady_from(series, 10));
}

TEST_CASE("a constant is steady, and too short a series says nothing", "[math]") {
  CHECK(steady_from(std::vector<double>(10, 200.0), 10) == 0U);
  CHECK_FALSE(steady_from(std::vector<double>(10, 200.0), 11));
  CHECK_FALSE(steady_from(std::vector<double>(9, 200.0), 1));
  CHECK_FALSE(steady_from({}, 0));
}

}  // namespace
}  // namespace poolgauge::math
