// Fitting the universal scalability law by least squares of the logarithms.
#include <algorithm>
#include <cmath>
#include <vector>

#include "math/least_squares.h"
#include "math/rate_curve.h"

namespace poolgauge::math {

namespace {

/// ln gamma; sigma = s^2 / (1 + s^2) and kappa = k^2 keep their bounds without a constraint.
Usl usl_from(std::span<const double> at) {
  const double s2 = at[1] * at[1];
  return Usl{std::exp(at[0]), s2 / (1.0 + s2), at[2] * at[2]};
}

std::vector<double> usl_parameters(const Usl& usl) {
  return {std::log(usl.gamma), std::sqrt(usl.sigma / (1.0 - usl.sigma)), std::sqrt(usl.kappa)};
}

/// The derivatives of ln(measured / fitted) by each parameter.
void write_derivatives(std::span<const double> n, std::span<const double> at,
                       std::span<double> out) {
  const Usl usl = usl_from(at);
  const double dsigma = 2.0 * at[1] / ((1.0 + at[1] * at[1]) * (1.0 + at[1] * at[1]));
  const double dkappa = 2.0 * at[2];
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double slowdown = usl.gamma * n[i] / usl.rate(n[i]);
    out[i] = -1.0;
    out[n.size() + i] = (n[i] - 1.0) / slowdown * dsigma;
    out[2 * n.size() + i] = n[i] * (n[i] - 1.0) / slowdown * dkappa;
  }
}

/// The rate of one, roughly: the best rate per connection that was seen.
double first_gamma(std::span<const double> n, std::span<const double> x) {
  double best = 0.0;
  for (std::size_t i = 0; i < n.size(); ++i) best = std::max(best, x[i] / n[i]);
  return best;
}

}  // namespace

std::optional<UslFit> fit_usl(std::span<const double> n, std::span<const double> x) {
  if (!can_be_fitted(n, x, 3)) return std::nullopt;
  LeastSquares problem;
  problem.parameters = 3;
  problem.values = n.size();
  problem.cost_tolerance = 1e-14;
  problem.step_tolerance = 1e-12;
  problem.residuals = [n, x](std::span<const double> at, std::span<double> out) {
    const Usl usl = usl_from(at);
    for (std::size_t i = 0; i < n.size(); ++i) out[i] = std::log(x[i] / usl.rate(n[i]));
  };
  problem.derivatives = [n](std::span<const double> at, std::span<double> out) {
    write_derivatives(n, at, out);
  };
  std::vector<std::vector<double>> starts;
  for (const double sigma : {0.001, 0.02, 0.1, 0.4}) {
    for (const double kappa : {1e-6, 1e-5, 1e-4, 1e-3, 1e-2}) {
      starts.push_back(usl_parameters(Usl{first_gamma(n, x), sigma, kappa}));
    }
  }
  const std::optional<LeastSquaresFit> fit = best_fit(problem, starts);
  if (!fit) return std::nullopt;
  const Usl best = usl_from(fit->at);
  const double largest = *std::max_element(n.begin(), n.end());
  const std::optional<double> peak = best.peak();
  return UslFit{best, std::sqrt(fit->cost / static_cast<double>(n.size())),
                !peak || *peak > largest};
}

}  // namespace poolgauge::math
