// Draws from, and expectations of, the duration distributions of a scenario.
#include "poolgauge/distribution.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/rng.h"

namespace poolgauge {

namespace {

constexpr Duration kLongest = std::chrono::hours{1};
constexpr double kNormalQuantile95 = 1.6448536269514722;

double ns(Duration d) {
  return static_cast<double>(d.count());
}

// Cuts a drawn number of nanoseconds to [0, one hour]; a NaN never leaves this file.
Duration cut(double drawn_ns) {
  if (!(drawn_ns > 0.0)) return Duration{0};
  if (drawn_ns >= ns(kLongest)) return kLongest;
  return Duration{std::llround(drawn_ns)};
}

double log_sigma(const LognormalDuration& spec) {
  POOLGAUGE_CHECK(spec.median.count() > 0 && spec.p95 > spec.median,
                  "a lognormal needs 0 < median < p95");
  return std::log(ns(spec.p95) / ns(spec.median)) / kNormalQuantile95;
}

struct Draw {
  Rng& rng;

  Duration operator()(const FixedDuration& spec) const { return std::max(spec.value, Duration{0}); }
  Duration operator()(const ExponentialDuration& spec) const {
    return cut(ns(spec.mean) * rng.exponential());
  }
  Duration operator()(const UniformDuration& spec) const {
    return std::max(Duration{rng.uniform_int(spec.low.count(), spec.high.count())}, Duration{0});
  }
  Duration operator()(const LognormalDuration& spec) const {
    return cut(ns(spec.median) * std::exp(log_sigma(spec) * rng.normal()));
  }
  Duration operator()(const NormalDuration& spec) const {
    return cut(ns(spec.mean) + ns(spec.stddev) * rng.normal());
  }
  Duration operator()(const EmpiricalDuration& spec) const {
    POOLGAUGE_CHECK(!spec.values.empty(), "an empirical distribution needs values");
    const auto last = static_cast<std::int64_t>(spec.values.size()) - 1;
    const auto chosen = static_cast<std::size_t>(rng.uniform_int(0, last));
    return std::max(spec.values[chosen], Duration{0});
  }
};

struct Mean {
  Duration operator()(const FixedDuration& spec) const { return spec.value; }
  Duration operator()(const ExponentialDuration& spec) const { return spec.mean; }
  Duration operator()(const UniformDuration& spec) const {
    return spec.low + (spec.high - spec.low) / 2;
  }
  Duration operator()(const LognormalDuration& spec) const {
    const double sigma = log_sigma(spec);
    const double mean_ns = ns(spec.median) * std::exp(sigma * sigma / 2.0);
    // An absurd spread may put the expectation beyond what a Duration holds.
    constexpr double kLargest = 9.2e18;
    return Duration{std::llround(std::min(mean_ns, kLargest))};
  }
  Duration operator()(const NormalDuration& spec) const { return spec.mean; }
  Duration operator()(const EmpiricalDuration& spec) const {
    POOLGAUGE_CHECK(!spec.values.empty(), "an empirical distribution needs values");
    double sum_ns = 0.0;
    for (const Duration value : spec.values) sum_ns += ns(value);
    return Duration{std::llround(sum_ns / static_cast<double>(spec.values.size()))};
  }
};

}  // namespace

Duration draw(const DurationSpec& spec, Rng& rng) {
  return std::visit(Draw{rng}, spec);
}

Duration mean_of(const DurationSpec& spec) {
  return std::visit(Mean{}, spec);
}

}  // namespace poolgauge
