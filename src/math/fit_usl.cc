// Fitting the universal scalability law with Eigen's port of MINPACK's Levenberg-Marquardt.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <Eigen/Dense>
#include <unsupported/Eigen/LevenbergMarquardt>

#include "math/rate_curve.h"

namespace poolgauge::math {

namespace {

/// ln gamma; sigma = s^2 / (1 + s^2) and kappa = k^2 keep their bounds without a constraint.
Usl from_parameters(const Eigen::VectorXd& at) {
  const double s2 = at[1] * at[1];
  return Usl{std::exp(at[0]), s2 / (1.0 + s2), at[2] * at[2]};
}

Eigen::VectorXd to_parameters(const Usl& usl) {
  Eigen::VectorXd at(3);
  at << std::log(usl.gamma), std::sqrt(usl.sigma / (1.0 - usl.sigma)), std::sqrt(usl.kappa);
  return at;
}

/// Residuals ln(measured / fitted) and their derivatives.
class Residuals : public Eigen::DenseFunctor<double> {
 public:
  Residuals(std::span<const double> n, std::span<const double> x)
      : DenseFunctor<double>(3, static_cast<int>(n.size())), n_(n), x_(x) {}

  int operator()(const Eigen::VectorXd& at, Eigen::VectorXd& out) const {
    const Usl usl = from_parameters(at);
    for (std::size_t i = 0; i < n_.size(); ++i) {
      out[static_cast<Eigen::Index>(i)] = std::log(x_[i] / usl.rate(n_[i]));
    }
    return 0;
  }

  int df(const Eigen::VectorXd& at, Eigen::MatrixXd& out) const {
    const Usl usl = from_parameters(at);
    const double dsigma = 2.0 * at[1] / ((1.0 + at[1] * at[1]) * (1.0 + at[1] * at[1]));
    const double dkappa = 2.0 * at[2];
    for (std::size_t i = 0; i < n_.size(); ++i) {
      const double n = n_[i];
      const double slowdown = usl.gamma * n / usl.rate(n);
      const auto row = static_cast<Eigen::Index>(i);
      out(row, 0) = -1.0;
      out(row, 1) = (n - 1.0) / slowdown * dsigma;
      out(row, 2) = n * (n - 1.0) / slowdown * dkappa;
    }
    return 0;
  }

 private:
  std::span<const double> n_, x_;
};

double cost_of(const Residuals& residuals, const Eigen::VectorXd& at, std::size_t points) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(points));
  residuals(at, values);
  return values.squaredNorm();
}

bool can_be_fitted(std::span<const double> n, std::span<const double> x) {
  if (n.size() != x.size()) return false;
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  return std::all_of(n.begin(), n.end(), positive) && std::all_of(x.begin(), x.end(), positive) &&
         std::set<double>(n.begin(), n.end()).size() >= 3;
}

/// The rate of one, roughly: the best rate per connection that was seen.
double first_gamma(std::span<const double> n, std::span<const double> x) {
  double best = 0.0;
  for (std::size_t i = 0; i < n.size(); ++i) best = std::max(best, x[i] / n[i]);
  return best;
}

}  // namespace

std::optional<UslFit> fit_usl(std::span<const double> n, std::span<const double> x) {
  if (!can_be_fitted(n, x)) return std::nullopt;
  Residuals residuals(n, x);
  double best_cost = std::numeric_limits<double>::infinity();
  Usl best;
  for (const double sigma : {0.001, 0.02, 0.1, 0.4}) {
    for (const double kappa : {1e-6, 1e-5, 1e-4, 1e-3, 1e-2}) {
      Eigen::VectorXd at = to_parameters(Usl{first_gamma(n, x), sigma, kappa});
      Eigen::LevenbergMarquardt<Residuals> search(residuals);
      search.setFtol(1e-14);
      search.setXtol(1e-12);
      search.minimize(at);
      const double cost = cost_of(residuals, at, n.size());
      if (!(cost < best_cost)) continue;
      best_cost = cost;
      best = from_parameters(at);
    }
  }
  if (!std::isfinite(best_cost)) return std::nullopt;
  const double largest = *std::max_element(n.begin(), n.end());
  const std::optional<double> peak = best.peak();
  return UslFit{best, std::sqrt(best_cost / static_cast<double>(n.size())),
                !peak || *peak > largest};
}

}  // namespace poolgauge::math
