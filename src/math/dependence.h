// The effective sample size of values that depend on their neighbors in time.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "math/proportion.h"

namespace poolgauge::math {

/// One batch, in the order of time: how many of its values have the property.
struct BatchCount {
  double hits = 0;
  double trials = 0;
};

/// The effective sample size of dependent trials.
struct EffectiveSample {
  double trials = 0;        ///< independent ones that would be as informative; at most all
  std::size_t batches = 0;  ///< after joining; 0: too few to look at, taken as independent
};

/// From the spread of the batches' fractions around the common one. At most 59 batches are looked
/// at (neighbours joined); they are joined further while the correlation of neighbours is above 0.3
/// and 10 batches remain, and what correlation is left then widens the spread as that of an AR(1)
/// series does. The spread itself is uncertain: Student's t with the batches' degrees of freedom
/// stands against the normal's quantile. Fewer than 8 batches with trials, or a property that all
/// or none have, says nothing about dependence.
EffectiveSample effective_sample(std::span<const BatchCount> batches, double alpha);

/// A confidence interval of the mean of a series in the order of time, by the same batches.
/// Nothing with fewer than 8 values.
std::optional<Interval> series_mean_interval(std::span<const double> series, double alpha);

}  // namespace poolgauge::math
