// When an automatic warm-up ends.
#include "engine/window_start.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

Scenario automatic(Duration duration) {
  Scenario scenario;
  scenario.warmup_auto = true;
  scenario.duration = duration;
  return scenario;
}

/// Tells of seconds from a load that comes near 1000/s with the time constant `slowness`, until it
/// is decided; the second that decided.
std::size_t tell_until_decided(WindowStart& window, double slowness, std::uint64_t seed) {
  Rng rng(seed);
  for (std::size_t second = 0; second < 1000; ++second) {
    const double reached = 1 - std::exp(-(static_cast<double>(second) + 0.5) / slowness);
    const double completed = 1000 * reached + 10 * rng.normal();
    window.tell(second, static_cast<std::uint64_t>(std::max(0.0, completed)),
                from_ms(20 / reached + 0.5 * rng.normal()));
    if (window.begin()) return second;
  }
  return 1000;
}

TEST_CASE("a planned warm-up is decided from the start", "[warmup]") {
  Scenario scenario;
  scenario.warmup = 3s;
  WindowStart window(scenario, kStart, 2);
  CHECK_FALSE(window.automatic());
  CHECK(window.begin() == kStart + 3s);
  CHECK(window.latest() == kStart + 3s);
  CHECK_FALSE(window.steady());
}

TEST_CASE("a load that is steady at once is waited for ten seconds", "[warmup]") {
  WindowStart window(automatic(20s), kStart, 1);
  CHECK_FALSE(window.begin());
  for (std::size_t second = 0; second < 9; ++second) window.tell(second, 500, 3ms);
  CHECK_FALSE(window.begin());
  window.tell(9, 500, 3ms);
  REQUIRE(window.begin());
  CHECK(*window.begin() == kStart + 11s);  // a second ahead
  CHECK(window.steady());
  window.tell(10, 1, 1s);  // too late to change anything
  CHECK(*window.begin() == kStart + 11s);
}

TEST_CASE("a load that grows is waited for until it does not", "[warmup]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    WindowStart window(automatic(120s), kStart, 1);
    const std::size_t decided = tell_until_decided(window, 6, seed);
    INFO("seed " << seed << " decided in second " << decided);
    CHECK(window.steady());
    CHECK(decided >= 14);  // with a time constant of 6 s, 90 % are reached after 14 s
    CHECK(decided < 119);  // at most half of what was seen can be cut off
  }
}

TEST_CASE("a load that never becomes steady is waited for no longer than allowed", "[warmup]") {
  WindowStart window(automatic(45s), kStart, 1);
  for (std::size_t second = 0; second < 45; ++second) {
    window.tell(second, 100 * (second + 1), from_ms(1000));
  }
  REQUIRE(window.begin());
  CHECK(*window.begin() == kStart + 45s);
  CHECK(window.latest() == kStart + 45s);
  CHECK_FALSE(window.steady());
  CHECK(longest_warmup(automatic(5s)) == 30s);
}

TEST_CASE("a second counts when every thread has told of it", "[warmup]") {
  WindowStart window(automatic(20s), kStart, 2);
  for (std::size_t second = 0; second < 12; ++second) window.tell(second, 500, 3ms);
  CHECK_FALSE(window.begin());
  for (std::size_t second = 0; second < 10; ++second) window.tell(second, 300, 5ms);
  REQUIRE(window.begin());
  CHECK(*window.begin() == kStart + 11s);
}

}  // namespace
}  // namespace poolgauge
