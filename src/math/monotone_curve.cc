// Fritsch and Carlson's monotone cubic interpolation.
#include <algorithm>
#include <cmath>
#include <map>

#include "math/fit_curve.h"

namespace poolgauge::math {

namespace {

/// Steps of the broken line through the points.
std::vector<double> secants(const std::vector<double>& at, const std::vector<double>& value) {
  std::vector<double> steps;
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    steps.push_back((value[i + 1] - value[i]) / (at[i + 1] - at[i]));
  }
  return steps;
}

/// Means of the neighbouring secants, zero where these change sign.
std::vector<double> first_slopes(const std::vector<double>& steps) {
  std::vector<double> slopes = {steps.front()};
  for (std::size_t i = 1; i < steps.size(); ++i) {
    const bool turns = steps[i - 1] * steps[i] <= 0;
    slopes.push_back(turns ? 0.0 : (steps[i - 1] + steps[i]) / 2);
  }
  slopes.push_back(steps.back());
  return slopes;
}

/// Shortens slopes that would make the cubic overshoot: (a, b) in units of the secant stays within
/// a circle of radius three.
void limit_slopes(const std::vector<double>& steps, std::vector<double>& slopes) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] == 0.0) {
      slopes[i] = slopes[i + 1] = 0.0;
      continue;
    }
    const double length = std::hypot(slopes[i] / steps[i], slopes[i + 1] / steps[i]);
    if (length <= 3.0) continue;
    slopes[i] *= 3.0 / length;
    slopes[i + 1] *= 3.0 / length;
  }
}

}  // namespace

std::optional<MonotoneCurve> MonotoneCurve::through(std::span<const double> n,
                                                    std::span<const double> x) {
  std::map<double, double> points;
  for (std::size_t i = 0; i < n.size(); ++i) points[std::log(n[i])] = std::log(n[i] / x[i]);
  if (points.size() < 2) return std::nullopt;
  MonotoneCurve curve;
  for (const auto& [at, value] : points) {
    curve.at_.push_back(at);
    curve.value_.push_back(value);
  }
  const std::vector<double> steps = secants(curve.at_, curve.value_);
  curve.slope_ = first_slopes(steps);
  limit_slopes(steps, curve.slope_);
  return curve;
}

double MonotoneCurve::rate(double n) const {
  const double x = std::log(n);
  double value = 0;
  if (x <= at_.front()) {
    value = value_.front() + slope_.front() * (x - at_.front());
  } else if (x >= at_.back()) {
    value = value_.back() + slope_.back() * (x - at_.back());
  } else {
    const auto right = std::upper_bound(at_.begin(), at_.end(), x);
    const auto i = static_cast<std::size_t>(right - at_.begin()) - 1;
    const double h = at_[i + 1] - at_[i];
    const double t = (x - at_[i]) / h;
    const double u = 1 - t;
    // Hermite's basis.
    value = value_[i] * (1 + 2 * t) * u * u + slope_[i] * h * t * u * u +
            value_[i + 1] * t * t * (3 - 2 * t) - slope_[i + 1] * h * t * t * u;
  }
  return n / std::exp(value);
}

}  // namespace poolgauge::math
