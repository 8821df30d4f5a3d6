// When requests are due: pure schedules, the same for the same seed, to the nanosecond.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "poolgauge/scenario.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// The share of an open schedule that one process gets: every `stride`-th arrival from `offset`
/// (constant and burst), or an independent Poisson stream of the rate's share.
class Arrivals {
 public:
  Arrivals(const OpenLoad& load, std::uint32_t offset, std::uint32_t stride, std::uint64_t seed);
  Arrivals(const BurstLoad& load, std::uint32_t offset, std::uint32_t stride);

  /// Since the start of the load; never decreases.
  Duration next();

 private:
  enum class Kind { constant, poisson, burst };
  Kind kind_;
  Rng rng_;
  std::uint64_t index_;  // constant, burst: the next arrival's number in the whole schedule
  std::uint32_t stride_;
  double rate_per_s_ = 0;  // constant: of the whole schedule; poisson: of this share
  double poisson_s_ = 0;
  std::uint32_t burst_size_ = 0;
  Duration burst_every_{0};
};

}  // namespace poolgauge
