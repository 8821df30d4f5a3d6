// Nonlinear least squares by Levenberg-Marquardt (Eigen's port of MINPACK). Eigen's headers take
// seconds to compile, so they are seen by least_squares.cc alone.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace poolgauge::math {

/// What is minimized: the sum of the squares of `values` residuals over `parameters` unknowns.
struct LeastSquares {
  std::size_t parameters = 0;
  std::size_t values = 0;  ///< at least `parameters`
  /// Writes the residuals at a point; all of `out` is zero before.
  std::function<void(std::span<const double> at, std::span<double> out)> residuals;
  /// Writes their derivatives, one parameter's `values` after the other's. Without it they are
  /// taken by forward differences.
  std::function<void(std::span<const double> at, std::span<double> out)> derivatives;
  double cost_tolerance = 1.4901161193847656e-08;  ///< relative, MINPACK's ftol
  double step_tolerance = 1.4901161193847656e-08;  ///< relative, MINPACK's xtol
};

/// Whether x over n can be fitted: equally many, all finite and above zero, at least `different`
/// different n.
bool can_be_fitted(std::span<const double> n, std::span<const double> x, std::size_t different);

struct LeastSquaresFit {
  std::vector<double> at;
  double cost = 0;  ///< sum of squares there
};

/// Returns the best of the minima found from each start in turn; nullopt where none has a finite
/// cost.
std::optional<LeastSquaresFit> best_fit(const LeastSquares& problem,
                                        std::span<const std::vector<double>> starts);

}  // namespace poolgauge::math
