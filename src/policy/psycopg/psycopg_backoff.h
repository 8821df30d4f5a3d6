// psycopg_pool's repeated attempts: about 1 s, then doubling, until the time allowed is over.
#pragma once

#include <algorithm>
#include <optional>

#include "base/rng.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Follows psycopg_pool's base.py AttemptWithBackoff. The end is fixed by the first delay, not by
/// the first attempt; only the first delay is jittered (10 % either way).
class PsycopgBackoff {
 public:
  explicit PsycopgBackoff(Duration allowed) : allowed_(allowed) {}

  void lengthen(TimePoint now, Rng& rng) {
    if (delay_ == Duration::zero()) {
      gives_up_at_ = now + allowed_;
      delay_ = from_s(0.9 + 0.2 * rng.uniform());
    } else {
      delay_ *= 2;
    }
    if (now + delay_ > *gives_up_at_) delay_ = std::max(Duration::zero(), *gives_up_at_ - now);
  }
  bool gives_up(TimePoint now) const { return gives_up_at_ && now >= *gives_up_at_; }
  Duration delay() const { return delay_; }

 private:
  Duration allowed_;
  Duration delay_{0};
  std::optional<TimePoint> gives_up_at_;
};

}  // namespace poolgauge
