#include "math/least_squares.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <Eigen/Dense>
#include <unsupported/Eigen/LevenbergMarquardt>

namespace poolgauge::math {

namespace {

using Point = Eigen::VectorXd;

std::span<const double> seen(const Point& point) {
  return {point.data(), static_cast<std::size_t>(point.size())};
}

class Functor : public Eigen::DenseFunctor<double> {
 public:
  explicit Functor(const LeastSquares& problem)
      : DenseFunctor<double>(static_cast<int>(problem.parameters),
                             static_cast<int>(problem.values)),
        problem_(problem) {}

  int operator()(const Point& at, Point& out) const {
    out.setZero();
    problem_.residuals(seen(at), {out.data(), problem_.values});
    return 0;
  }

  int df(const Point& at, Eigen::MatrixXd& out) const {
    if (!problem_.derivatives) return differences(at, out);
    problem_.derivatives(seen(at), {out.data(), problem_.values * problem_.parameters});
    return 0;
  }

 private:
  int differences(Point at, Eigen::MatrixXd& out) const {
    const double epsilon = std::sqrt(std::numeric_limits<double>::epsilon());
    Point here(values());
    Point there(values());
    (*this)(at, here);
    for (Eigen::Index j = 0; j < at.size(); ++j) {
      const double kept = at[j];
      const double step = kept == 0 ? epsilon : epsilon * std::abs(kept);
      at[j] += step;
      (*this)(at, there);
      at[j] = kept;
      out.col(j) = (there - here) / step;
    }
    return static_cast<int>(at.size()) + 1;
  }

  const LeastSquares& problem_;
};

}  // namespace

std::optional<LeastSquaresFit> best_fit(const LeastSquares& problem,
                                        std::span<const std::vector<double>> starts) {
  Functor functor(problem);
  LeastSquaresFit best{{}, std::numeric_limits<double>::infinity()};
  for (const std::vector<double>& start : starts) {
    Point at = Eigen::Map<const Point>(start.data(), static_cast<Eigen::Index>(start.size()));
    Eigen::LevenbergMarquardt<Functor> search(functor);
    search.setFtol(problem.cost_tolerance);
    search.setXtol(problem.step_tolerance);
    search.minimize(at);
    Point left(functor.values());
    functor(at, left);
    const double cost = left.squaredNorm();
    if (cost < best.cost) best = {{at.begin(), at.end()}, cost};
  }
  if (!std::isfinite(best.cost)) return std::nullopt;
  return best;
}

bool can_be_fitted(std::span<const double> n, std::span<const double> x, std::size_t different) {
  if (n.size() != x.size()) return false;
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  return std::all_of(n.begin(), n.end(), positive) && std::all_of(x.begin(), x.end(), positive) &&
         std::set<double>(n.begin(), n.end()).size() >= different;
}

}  // namespace poolgauge::math
