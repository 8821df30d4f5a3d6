// Seam 1 of two: time. Live it sleeps in the kernel, simulated it jumps.
#pragma once

#include "poolgauge/time.h"

namespace poolgauge {

/// The only source of time. One per loop, used by that loop's thread alone.
class TimeDriver {
 public:
  virtual ~TimeDriver() = default;
  virtual TimePoint now() = 0;
  /// Lets time pass until `until` (kNever: until something happens). Returns early when something
  /// outside became ready. `until` in the past: only looks whether something is ready.
  virtual void pass(TimePoint until) = 0;
  /// CPU time this thread has used; zero where time is not real.
  virtual Duration processor_time() { return Duration{0}; }
  /// How long this thread has been runnable without a CPU (CPU-starved); zero where unknown.
  virtual Duration run_queue_time() { return Duration{0}; }
  /// Whether time passes by itself, so that timers can be late.
  virtual bool is_real() const { return false; }
};

}  // namespace poolgauge
