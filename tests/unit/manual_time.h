// Time for unit tests: it passes by being set, so a test of an hour takes no time.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>

#include "loop/loop.h"
#include "loop/scope.h"
#include "loop/time_driver.h"

namespace poolgauge::test {

using namespace std::chrono_literals;

/// Jumps to the next timer, as the simulated world does, and counts how often it was asked to.
class ManualTime final : public TimeDriver {
 public:
  TimePoint now() override { return now_; }
  void pass(TimePoint until) override {
    ++passes;
    REQUIRE(until != kNever);  // somebody waits for what never comes
    if (until > now_) now_ = until;
  }
  void set(TimePoint now) { now_ = now; }
  std::size_t passes = 0;

 private:
  TimePoint now_{};
};

/// A loop on such a time, and a scope in it.
struct ManualWorld {
  ManualTime time;
  Loop loop{time};
  Scope scope{loop};
  void run() { loop.run(scope.live()); }
  Duration now() { return loop.now().time_since_epoch(); }
};

inline TimePoint at(Duration since_zero) {
  return TimePoint{since_zero};
}

}  // namespace poolgauge::test
