// Quantiles and tails of the standard distributions. Boost.Math's headers take seconds to compile,
// so they are seen by distributions.cc alone.
#pragma once

#include <cstdint>
#include <functional>

namespace poolgauge::math {

/// Returns the x below which a standard normal variable lies with probability `p`, 0 < p < 1.
double normal_quantile(double p);
/// Returns the x above which it lies with probability `tail`; exact for small tails, too.
double normal_upper_quantile(double tail);
/// Returns the probability that a standard normal variable is above `x`.
double normal_upper_tail(double x);

/// The same for Student's t with `freedom` > 0 degrees of freedom.
double student_upper_quantile(double freedom, double tail);
double student_upper_tail(double freedom, double x);

/// Returns the x below which a Beta(a, b) variable lies with probability `p`; a, b > 0.
double beta_quantile(double a, double b, double p);
/// Returns the x above which it lies with probability `tail`.
double beta_upper_quantile(double a, double b, double tail);

/// Returns the probability of at most `k` successes in `trials`, each with probability `p`.
double binomial_cdf(double trials, double p, double k);

/// Returns the regularized lower incomplete gamma function P(shape, x).
double gamma_lower(double shape, double x);

/// Returns the integral of `f` from `from` to `to` by adaptive Gauss-Kronrod quadrature (31 points)
/// to a relative error of 1e-10, halving at most 12 times.
double integral(const std::function<double(double)>& f, double from, double to);

}  // namespace poolgauge::math
