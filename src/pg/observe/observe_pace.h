// How often `observe` looks, so that it costs no more than it promises.
#pragma once

#include <cstdint>

#include "poolgauge/time.h"

namespace poolgauge {

/// Looks after which the interval is decided again.
inline constexpr std::uint64_t kLooksOfAPace = 20;

/// The mean time between looks from now on: never less than `wished`, and 5 s at most (or
/// `wished`). `spent_s`: seconds of a core that `looks` looks have cost in `elapsed_s`. Aims at
/// 0.45 % of a core over the whole window: what was spent above that is made up for within the next
/// kLooksOfAPace looks.
Duration paced_interval(double spent_s, std::uint64_t looks, double elapsed_s, Duration wished);

}  // namespace poolgauge
