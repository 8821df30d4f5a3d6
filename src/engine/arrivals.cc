// Schedules of open loads.
#include "engine/arrivals.h"

#include "base/check.h"

namespace poolgauge {

namespace {

constexpr std::uint64_t kArrivalStream = 0x41525256ULL;

}  // namespace

Arrivals::Arrivals(Kind kind, std::uint32_t offset, std::uint32_t stride, const Rng& rng)
    : kind_(kind), rng_(rng), index_(offset), stride_(stride), staged_({}, 1) {}

Arrivals::Arrivals(const OpenLoad& load, std::uint32_t offset, std::uint32_t stride,
                   std::uint64_t seed)
    : Arrivals(load.poisson ? Kind::poisson : Kind::constant, offset, stride,
               Rng(seed, kArrivalStream + offset)) {
  rate_per_s_ = load.poisson ? load.rate_per_s / stride : load.rate_per_s;
}

Arrivals::Arrivals(const RateStages& load, std::uint32_t offset, std::uint32_t stride,
                   std::uint64_t seed)
    : Arrivals(load.poisson ? Kind::staged_poisson : Kind::staged_constant, offset, stride,
               Rng(seed, kArrivalStream + offset)) {
  staged_ = StagedRate(load.stages, load.poisson ? 1.0 / stride : 1.0);
}

Arrivals::Arrivals(const BurstLoad& load, std::uint32_t offset, std::uint32_t stride)
    : Arrivals(Kind::burst, offset, stride, Rng(0)) {
  burst_size_ = load.size;
  burst_every_ = load.every;
  burst_once_at_ = load.once_at;
}

Arrivals::Arrivals(const ReplayLoad& load, std::uint32_t offset, std::uint32_t stride)
    : Arrivals(Kind::replay, offset, stride, Rng(0)) {
  replayed_ = load.arrivals.get();
}

Arrivals Arrivals::of(const Load& load, std::uint32_t offset, std::uint32_t stride,
                      std::uint64_t seed) {
  if (const auto* open = std::get_if<OpenLoad>(&load)) return {*open, offset, stride, seed};
  if (const auto* staged = std::get_if<RateStages>(&load)) return {*staged, offset, stride, seed};
  if (const auto* burst = std::get_if<BurstLoad>(&load)) return {*burst, offset, stride};
  const auto* replay = std::get_if<ReplayLoad>(&load);
  POOLGAUGE_CHECK(replay != nullptr, "users have no arrivals");
  return {*replay, offset, stride};
}

std::uint64_t Arrivals::take_index() {
  const std::uint64_t index = index_;
  index_ += stride_;
  return index;
}

Duration Arrivals::next() {
  switch (kind_) {
    case Kind::poisson: position_ += rng_.exponential() / rate_per_s_; return from_s(position_);
    case Kind::constant:
      // From the number, not from the one before, so that rounding never adds up.
      return from_s(static_cast<double>(take_index()) / rate_per_s_);
    case Kind::staged_poisson: return staged_.time_of(position_ += rng_.exponential());
    case Kind::staged_constant: return staged_.time_of(static_cast<double>(take_index()));
    case Kind::burst: return next_in_burst();
    case Kind::replay: return next_replayed();
  }
  return kNotInThisLife;
}

Duration Arrivals::next_in_burst() {
  const std::uint64_t before = take_index() / burst_size_;
  if (burst_every_ > Duration{0}) return burst_every_ * static_cast<std::int64_t>(before);
  return before == 0 ? burst_once_at_ : kNotInThisLife;
}

Duration Arrivals::next_replayed() {
  const std::uint64_t index = take_index();
  if (index >= replayed_->size()) return kNotInThisLife;
  const ReplayLoad::Arrival& arrival = (*replayed_)[index];
  request_ = arrival.request;
  turn_ = arrival.turn;
  return arrival.at;
}

}  // namespace poolgauge
