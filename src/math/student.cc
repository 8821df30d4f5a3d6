// Means, their spread, and the quantiles of t and of the normal distribution.
#include "math/samples.h"

#include <cmath>
#include <limits>

namespace poolgauge::math {

namespace {

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Sum of squared distances from the mean.
double scatter(std::span<const double> values) {
  if (values.empty()) return 0;
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

/// A distribution symmetric about zero.
struct Symmetric {
  std::optional<double> freedom;  ///< Student's t; the normal distribution without

  double upper_quantile(double tail) const {
    return freedom ? student_upper_quantile(*freedom, tail) : normal_upper_quantile(tail);
  }
  double upper_tail(double x) const {
    return freedom ? student_upper_tail(*freedom, x) : normal_upper_tail(x);
  }
};

/// The estimate with this standard error.
ShiftEstimate estimate(double shift, double error, const Symmetric& distribution, double alpha) {
  const double reach = distribution.upper_quantile(alpha / 2);
  ShiftEstimate made;
  made.shift = shift;
  made.low = shift - reach * error;
  made.high = shift + reach * error;
  made.confidence = 1 - alpha;
  if (error > 0) {
    made.p = 2 * distribution.upper_tail(std::abs(shift) / error);
  } else {
    made.p = shift == 0 ? 1 : 0;
  }
  return made;
}

double per_value(std::span<const double> a, std::span<const double> b) {
  return std::sqrt(1 / static_cast<double>(a.size()) + 1 / static_cast<double>(b.size()));
}

}  // namespace

double standard_deviation(std::span<const double> values) {
  if (values.size() < 2) return 0;
  return std::sqrt(scatter(values) / static_cast<double>(values.size() - 1));
}

double pooled_deviation(std::span<const double> a, std::span<const double> b) {
  if (a.size() + b.size() < 3) return 0;
  return std::sqrt((scatter(a) + scatter(b)) / static_cast<double>(a.size() + b.size() - 2));
}

std::optional<Interval> mean_interval(std::span<const double> values, double alpha) {
  if (values.size() < 2) return std::nullopt;
  const double n = static_cast<double>(values.size());
  const double reach =
      student_upper_quantile(n - 1, alpha / 2) * standard_deviation(values) / std::sqrt(n);
  const double mean = mean_of(values);
  return Interval{mean - reach, mean + reach};
}

std::optional<ShiftEstimate> student_shift(std::span<const double> a, std::span<const double> b,
                                           double alpha) {
  if (a.empty() || b.empty() || a.size() + b.size() < 3) return std::nullopt;
  const Symmetric t{static_cast<double>(a.size() + b.size() - 2)};
  return estimate(mean_of(b) - mean_of(a), pooled_deviation(a, b) * per_value(a, b), t, alpha);
}

std::optional<ShiftEstimate> normal_shift(std::span<const double> a, std::span<const double> b,
                                          double sd, double alpha) {
  if (a.empty() || b.empty()) return std::nullopt;
  return estimate(mean_of(b) - mean_of(a), sd * per_value(a, b), Symmetric{}, alpha);
}

}  // namespace poolgauge::math
