// Throughput by size from a few measured points: three families of curves, compared by
// leave-one-out cross-validation. No family is trusted alone: a server that runs out of CPUs has a
// corner that the universal scalability law cannot follow, and a spline is arbitrary beyond its
// last point.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "math/rate_curve.h"

namespace poolgauge::math {

/// X = gamma n / (1 + (n/s)^q)^(1/q) / (1 + k max(0, n - s)): a straight rise, a corner at s that
/// is the sharper the larger q, and a decline beyond it.
struct Knee {
  double gamma = 1;  ///< rate of one
  double corner = 1;
  double sharpness = 1;  ///< q, in [0.7, 20]
  double decline = 0;    ///< k, not negative
  double rate(double n) const;
};
/// Least squares on ln X from many starts. Needs at least four different n, all above zero.
std::optional<Knee> fit_knee(std::span<const double> n, std::span<const double> x);

/// A cubic through all points that rises and falls only where they do (Fritsch and Carlson), of
/// ln(n / X) against ln n; the end slopes go on outside. Needs two different n.
class MonotoneCurve {
 public:
  static std::optional<MonotoneCurve> through(std::span<const double> n, std::span<const double> x);
  double rate(double n) const;

 private:
  std::vector<double> at_, value_, slope_;  // of ln n: ln(n / X) and its derivative
};

/// One family's answer to the same points.
struct FittedFamily {
  std::string name;  ///< "usl", "knee", "spline"
  RateCurve curve;
  /// Mean of |ln(omitted / predicted)| over the interior points; nothing with fewer than two.
  std::optional<double> left_out_error;
};

struct CurveFit {
  std::vector<FittedFamily> families;  ///< at least one
  /// The family whose error is less than half of every other's: it answers alone. -1: none does.
  int chosen = -1;

  /// The chosen family's answer, or the median of all.
  double rate(double n) const;
  /// The lowest and the highest of all families.
  double lowest(double n) const;
  double highest(double n) const;
};
/// n ascending or not; several values of one n become their geometric mean. Nothing with fewer than
/// three different n, or where a value is not above zero.
std::optional<CurveFit> fit_curve(std::span<const double> n, std::span<const double> x);

/// Where a curve stops being worth more, within what was measured.
struct KneePoint {
  double at = 0;         ///< the least n with at least 95 % of the highest rate
  double rate = 0;       ///< there
  double peak_at = 0;    ///< the n with the highest rate
  double peak_rate = 0;  ///< there
  double beyond = 0;     ///< what the largest n has of the highest rate, less 1: -0.12 is a decline
  bool rising = false;   ///< it still rises by more than 5 % per doubling at the largest n
};
KneePoint find_knee(const RateCurve& curve, double least, double most);

/// The n, of those between `least` and `most` that are not near one of `taken`, at which the
/// families disagree most; nothing where they differ by less than 2 %.
std::optional<double> most_doubtful(const CurveFit& fit, double least, double most,
                                    std::span<const double> taken);

}  // namespace poolgauge::math
