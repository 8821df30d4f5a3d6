// The distribution of hold times from the ages of what one finds running.
#pragma once

#include <vector>

#include "poolgauge/histogram.h"

namespace poolgauge::observe {

/// Hold times in seconds at the probabilities (i + 0.5) / count, from the ages at which running
/// transactions were found and their mean hold time: the density of such ages is (1 - F(a)) / mean,
/// so its decreasing fit (Grenander: the slopes of the least concave majorant of the ages'
/// distribution) gives F. Scaled so that their mean is `mean_s`. Empty without ages.
std::vector<double> hold_quantiles(const Histogram& ages, double mean_s, std::size_t count);

/// Of such a list, between its points; 0 for an empty one.
double quantile_in(const std::vector<double>& quantiles, double q);

}  // namespace poolgauge::observe
