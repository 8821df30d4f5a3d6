// Student's t: intervals for a mean and for the difference of two, for values that are near normal.
#pragma once

#include <optional>
#include <span>

#include "math/proportion.h"
#include "math/rank_tests.h"

namespace poolgauge::math {

/// The mean's interval at confidence 1 - alpha; nothing for fewer than two values.
std::optional<Interval> mean_interval(std::span<const double> values, double alpha);

/// mean(b) - mean(a) with a common variance; one side may have a single value. Nothing where the
/// two together leave no degree of freedom.
std::optional<ShiftEstimate> student_shift(std::span<const double> a, std::span<const double> b,
                                           double alpha);

/// The same with a standard deviation of single values that is known beforehand.
std::optional<ShiftEstimate> normal_shift(std::span<const double> a, std::span<const double> b,
                                          double sd, double alpha);

/// Standard deviation of the values (n - 1); zero for fewer than two.
double standard_deviation(std::span<const double> values);
/// The two samples' common one; zero without a degree of freedom.
double pooled_deviation(std::span<const double> a, std::span<const double> b);

}  // namespace poolgauge::math
