// Fitting the four-parameter knee by least squares of the logarithms; derivatives by differences.
#include <algorithm>
#include <cmath>

#include "math/fit_curve.h"
#include "math/least_squares.h"

namespace poolgauge::math {

namespace {

constexpr double kLeastSharpness = 0.7;
constexpr double kMostSharpness = 20;

/// ln gamma; corner = 1 + s^2; sharpness between its bounds by a logistic; decline = k^2.
Knee knee_from(std::span<const double> at) {
  const double share = 1.0 / (1.0 + std::exp(-at[2]));
  return Knee{std::exp(at[0]), 1.0 + at[1] * at[1],
              kLeastSharpness + share * (kMostSharpness - kLeastSharpness), at[3] * at[3]};
}

std::vector<double> knee_parameters(const Knee& knee) {
  const double share = (knee.sharpness - kLeastSharpness) / (kMostSharpness - kLeastSharpness);
  return {std::log(knee.gamma), std::sqrt(std::max(knee.corner - 1.0, 1e-6)),
          std::log(share / (1.0 - share)), std::sqrt(knee.decline)};
}

}  // namespace

// In logarithms: (n/s)^q overflows where n is far beyond the corner.
double Knee::rate(double n) const {
  const double bend = sharpness * std::log(n / corner);
  const double softened = bend > 30 ? bend : std::log1p(std::exp(bend));
  return gamma * n * std::exp(-softened / sharpness) / (1.0 + decline * std::max(0.0, n - corner));
}

std::optional<Knee> fit_knee(std::span<const double> n, std::span<const double> x) {
  if (!can_be_fitted(n, x, 4)) return std::nullopt;
  LeastSquares problem;
  problem.parameters = 4;
  problem.values = std::max<std::size_t>(n.size(), 4);
  problem.residuals = [n, x](std::span<const double> at, std::span<double> out) {
    const Knee knee = knee_from(at);
    for (std::size_t i = 0; i < n.size(); ++i) out[i] = std::log(x[i] / knee.rate(n[i]));
  };
  double gamma = 0.0;
  for (std::size_t i = 0; i < n.size(); ++i) gamma = std::max(gamma, x[i] / n[i]);
  const double most = *std::max_element(n.begin(), n.end());
  std::vector<std::vector<double>> starts;
  for (const double corner : {0.1, 0.25, 0.5, 0.9}) {
    for (const double sharpness : {1.5, 4.0, 12.0}) {
      for (const double decline : {1e-4, 1e-2}) {
        starts.push_back(
            knee_parameters({gamma, std::max(1.1, corner * most), sharpness, decline}));
      }
    }
  }
  const std::optional<LeastSquaresFit> fit = best_fit(problem, starts);
  if (!fit) return std::nullopt;
  return knee_from(fit->at);
}

}  // namespace poolgauge::math
