// Rates and quantiles of a sample: exact and score intervals, and the required sample size.
#pragma once

#include <cstdint>
#include <optional>

namespace poolgauge::math {

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

}  // namespace poolgauge::math
