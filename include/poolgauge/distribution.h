// How long something takes: a fixed duration or a distribution to draw from.
#pragma once

#include <variant>
#include <vector>

#include "poolgauge/time.h"

namespace poolgauge {

class Rng;

struct FixedDuration {
  Duration value{0};
};
struct ExponentialDuration {
  Duration mean{0};
};
struct UniformDuration {
  Duration low{0};
  Duration high{0};
};
/// Given by its median and 95th percentile, both above zero, p95 > median:
/// mu = ln(median), sigma = ln(p95 / median) / 1.6448536269514722.
struct LognormalDuration {
  Duration median{0};
  Duration p95{0};
};
/// Draws below zero are taken as zero.
struct NormalDuration {
  Duration mean{0};
  Duration stddev{0};
};
/// Each listed value with equal probability; never empty.
struct EmpiricalDuration {
  std::vector<Duration> values;
};

using DurationSpec = std::variant<FixedDuration, ExponentialDuration, UniformDuration,
                                  LognormalDuration, NormalDuration, EmpiricalDuration>;

/// One draw, never negative, at most one hour for unbounded distributions' tails.
Duration draw(const DurationSpec& spec, Rng& rng);

/// The expectation (for the normal: before cutting at zero).
Duration mean_of(const DurationSpec& spec);

}  // namespace poolgauge
