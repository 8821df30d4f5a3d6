// Statistics of samples: distributions, intervals, and tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace poolgauge::math {

struct ShiftEstimate {
  double shift = 0;          ///< Hodges and Lehmann's
  double low = 0, high = 0;  ///< a confidence interval of it
  double confidence = 0;     ///< the interval's true confidence: at least 1 - alpha if it can be
  double p = 1;              ///< two-sided, of no shift at all; exact also with ties
};

struct MannWhitney {
  double u = 0;  ///< pairs with a > b; ties count one half
  ShiftEstimate b_minus_a;
};
/// Two independent samples. The interval is that of all pairwise differences b - a; where the
/// samples are too small for the confidence asked for, it is the widest there is. Exact up to 80
/// values in all, normal beyond. Nothing when one is empty.
std::optional<MannWhitney> mann_whitney(std::span<const double> a, std::span<const double> b,
                                        double alpha);

/// Paired differences: the median of Walsh's averages with the interval of Wilcoxon's signed ranks.
/// Exact up to 200 pairs, normal beyond. Nothing without pairs.
std::optional<ShiftEstimate> signed_ranks(std::span<const double> differences, double alpha);

// Rates and quantiles of a sample: exact and score intervals, and the required sample size.

struct Interval {
  double low = 0;
  double high = 0;
};

/// Wilson's score interval for k of n at confidence 1 - alpha; ends at exactly 0 or 1 for k = 0 or
/// n. k need not be whole: effective counts are not.
Interval wilson(double k, double n, double alpha);
/// Clopper and Pearson's: never below its confidence.
Interval clopper_pearson(double k, double n, double alpha);

/// Two order statistics, ranks from 1, that enclose the quantile q with equal tails of at most
/// alpha / 2 each; nothing where a rank would lie outside the sample.
struct Ranks {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  double coverage = 0;
};
std::optional<Ranks> quantile_ranks(std::uint64_t n, double q, double alpha);
/// The smallest sample with an order statistic above the quantile q: q^n <= alpha / 2.
std::uint64_t samples_for_quantile(double q, double alpha);
/// The smallest sample that, without an event, bounds its rate by x with confidence 1 - alpha.
std::uint64_t samples_for_zero_events(double x, double alpha);

/// The sample that dependent values are worth, from batches: `spread` is the standard deviation
/// of the batches' fractions. At most `n`.
double effective_samples(double fraction, double spread, std::uint64_t batches, double n);

/// The smallest difference of means that n pairs with standard deviation s of their differences
/// show with power 1 - beta in a two-sided test.
double detectable_effect(std::uint64_t n, double s, double alpha, double beta);
/// The same of two independent samples: `error` is the standard error of the difference of their
/// means, `freedom` the degrees of freedom that it has (at least 1; infinite: it is known).
double detectable_shift(double error, double freedom, double alpha, double beta);
/// How many pairs show a difference of `effect`.
std::uint64_t pairs_for_effect(double effect, double s, double alpha, double beta);
/// How many values on each side show it, where `s` is the standard deviation of the difference of
/// two single values.
std::uint64_t runs_for_effect(double effect, double s, double alpha, double beta);

// The effective sample size of values that depend on their neighbors in time.

/// One batch, in the order of time: how many of its values have the property.
struct BatchCount {
  double hits = 0;
  double trials = 0;
};

/// The effective sample size of dependent trials.
struct EffectiveSample {
  double trials = 0;        ///< independent ones that would be as informative; at most all
  std::size_t batches = 0;  ///< after joining; 0: too few to look at, taken as independent
};

/// From the spread of the batches' fractions around the common one. At most 59 batches are looked
/// at (neighbours joined); they are joined further while the correlation of neighbours is above 0.3
/// and 10 batches remain, and what correlation is left then widens the spread as that of an AR(1)
/// series does. The spread itself is uncertain: Student's t with the batches' degrees of freedom
/// stands against the normal's quantile. Fewer than 8 batches with trials, or a property that all
/// or none have, says nothing about dependence.
EffectiveSample effective_sample(std::span<const BatchCount> batches, double alpha);

/// A confidence interval of the mean of a series in the order of time, by the same batches.
/// Nothing with fewer than 8 values.
std::optional<Interval> series_mean_interval(std::span<const double> series, double alpha);

// Student's t: intervals for a mean and for the difference of two, for values that are near normal.

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

// Quantiles and tails of the standard distributions. Boost.Math's headers take seconds to compile,
// so they are seen by distributions.cc alone.

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
