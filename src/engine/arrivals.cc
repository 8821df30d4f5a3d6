// Schedules of open loads.
#include "engine/arrivals.h"

namespace poolgauge {

Arrivals::Arrivals(const OpenLoad& load, std::uint32_t offset, std::uint32_t stride,
                   std::uint64_t seed)
    : kind_(load.poisson ? Kind::poisson : Kind::constant),
      rng_(seed, 0x41525256ULL + offset),
      index_(offset),
      stride_(stride),
      rate_per_s_(load.poisson ? load.rate_per_s / stride : load.rate_per_s) {}

Arrivals::Arrivals(const BurstLoad& load, std::uint32_t offset, std::uint32_t stride)
    : kind_(Kind::burst),
      rng_(0),
      index_(offset),
      stride_(stride),
      burst_size_(load.size),
      burst_every_(load.every) {}

Duration Arrivals::next() {
  switch (kind_) {
    case Kind::poisson: poisson_s_ += rng_.exponential() / rate_per_s_; return from_s(poisson_s_);
    case Kind::constant: {
      // From the number, not from the one before, so that rounding never adds up.
      const double at_s = static_cast<double>(index_) / rate_per_s_;
      index_ += stride_;
      return from_s(at_s);
    }
    case Kind::burst: {
      const std::uint64_t burst = index_ / burst_size_;
      index_ += stride_;
      return burst_every_ * static_cast<std::int64_t>(burst);
    }
  }
  return Duration::max();
}

}  // namespace poolgauge
