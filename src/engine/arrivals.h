// Arrival schedules: pure, and identical to the nanosecond for the same seed.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "engine/stages.h"
#include "poolgauge/load.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// The share of an open schedule that one process gets: every `stride`-th arrival from `offset`
/// (constant, burst, replay), or an independent Poisson stream of the rate's share.
class Arrivals {
 public:
  Arrivals(const OpenLoad& load, std::uint32_t offset, std::uint32_t stride, std::uint64_t seed);
  Arrivals(const RateStages& load, std::uint32_t offset, std::uint32_t stride, std::uint64_t seed);
  Arrivals(const BurstLoad& load, std::uint32_t offset, std::uint32_t stride);
  /// The load's arrivals outlive it.
  Arrivals(const ReplayLoad& load, std::uint32_t offset, std::uint32_t stride);
  /// The schedule of an open load.
  static Arrivals of(const Load& load, std::uint32_t offset, std::uint32_t stride,
                     std::uint64_t seed);

  /// Since the start of the load; never decreases. kNotInThisLife: no more.
  Duration next();
  /// The request of the last arrival that next() returned; often any.
  std::uint32_t request() const { return request_; }
  /// How many of the same request came before it in the whole schedule; often not counted.
  std::uint32_t turn() const { return turn_; }

 private:
  enum class Kind { poisson, constant, staged_poisson, staged_constant, burst, replay };
  Arrivals(Kind kind, std::uint32_t offset, std::uint32_t stride, const Rng& rng);
  std::uint64_t take_index();
  Duration next_in_burst();
  Duration next_replayed();

  Kind kind_;
  Rng rng_;
  std::uint64_t index_;  // unless Poisson: the next arrival's number in the whole schedule
  std::uint32_t stride_;
  double rate_per_s_ = 0;  // constant: of the whole schedule; poisson: of this share
  double position_ = 0;    // poisson: the last arrival's time; staged: how many were to be due
  StagedRate staged_;
  std::uint32_t burst_size_ = 0;
  Duration burst_every_{0};
  Duration burst_once_at_{0};
  const std::vector<ReplayLoad::Arrival>* replayed_ = nullptr;
  std::uint32_t request_ = kAnyRequest;
  std::uint32_t turn_ = kNoTurn;
};

}  // namespace poolgauge
