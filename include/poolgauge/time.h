// Time in the whole project: monotonic nanoseconds, passed as arguments, never read from a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace poolgauge {

/// A clock tag without now(): code that wants the time must have been given it.
struct Clock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
};

/// A length of time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// A point on the monotonic time line of one run. Its zero is the driver's business:
/// boot time when live, the start of the world when simulated.
using TimePoint = std::chrono::time_point<Clock, Duration>;

/// Later than anything that happens.
inline constexpr TimePoint kNever = TimePoint::max();

constexpr double to_ms(Duration d) {
  return static_cast<double>(d.count()) / 1e6;
}
constexpr double to_s(Duration d) {
  return static_cast<double>(d.count()) / 1e9;
}
/// Rounds to the nearest nanosecond; values beyond +-292 years are the caller's mistake.
constexpr Duration from_s(double s) {
  return Duration{static_cast<std::int64_t>(s * 1e9 + (s < 0 ? -0.5 : 0.5))};
}
constexpr Duration from_ms(double ms) {
  return from_s(ms / 1e3);
}

}  // namespace poolgauge
