// Virtual time: passing it is one assignment.
#pragma once

#include "base/check.h"
#include "loop/time_driver.h"

namespace poolgauge {

/// Starts at zero; jumps to the next timer.
class VirtualTime final : public TimeDriver {
 public:
  TimePoint now() override { return now_; }
  void pass(TimePoint until) override {
    POOLGAUGE_CHECK(until != kNever, "a simulated world waits for something that never comes");
    if (until > now_) now_ = until;
  }

 private:
  TimePoint now_{};
};

}  // namespace poolgauge
