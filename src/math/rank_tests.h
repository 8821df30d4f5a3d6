// Comparing two sets of runs without assuming a distribution: Mann-Whitney, the signed ranks, and
// the Hodges-Lehmann estimates that go with them. Exact.
#pragma once

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

}  // namespace poolgauge::math
