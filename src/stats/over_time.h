// Confidence intervals that account for dependence over time: requests that queue behind each other
// are not independent.
#pragma once

#include <optional>
#include <vector>

#include "poolgauge/measurement.h"
#include "stats/interval.h"

namespace poolgauge {

/// One metric by the slices of the window; several histograms to a slice where steps are taken
/// together.
using Pieces = std::vector<std::vector<const PackedHistogram*>>;
/// Valid as long as the measurement.
Pieces pieces_of(const Measurement& measured, PackedHistogram Slice::*metric);
/// The same of one of a slice's lists: by index, several taken together.
Pieces pieces_of(const Measurement& measured, std::vector<PackedAt> Slice::*list,
                 const std::vector<std::size_t>& indexes);
/// Steps by their place in Measurement::steps.
Pieces pieces_of_steps(const Measurement& measured, const std::vector<std::size_t>& steps);

/// 95 % intervals. Each takes the slices as batches, estimates from their spread how many
/// independent values the sample is worth, and is the usual interval of so many: order statistics
/// of a quantile (nothing where so many cannot support it), Wilson's for a fraction, or Clopper and
/// Pearson's where it has at most five events. Without slices, or too few of them, values count as
/// independent.
/// `ages`: of what had not ended; a quantile's interval is then that of the product-limit estimate,
/// and there is none where its upper end is out of reach.
std::optional<DurationInterval> quantile_interval(const Histogram& all, const Histogram& ages,
                                                  const Pieces& pieces, double q);
/// Of the requests that ended; nullopt: of every class. A class that never came: at most
/// zero_events_upper_limit().
RateInterval failure_interval(const Measurement& measured, std::optional<FailureClass> failure);
/// Completed requests a second, from batch means. Nothing with fewer than 8 slices.
std::optional<RateInterval> throughput_interval(const Measurement& measured);

}  // namespace poolgauge
