// A report's histograms interval by interval: seconds, of a long run several of them.
#pragma once

#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// Of one metric; all of a report are equally long.
struct HdrIntervals {
  double length_s = 0;
  std::vector<PackedHistogram> parts;
};

/// The metric's slices joined to intervals of about a second, and of so many seconds that there are
/// at most 300; empty where the report has no slices. Intervals of intervals are the same again.
HdrIntervals hdr_intervals(const Report& report, const KeptHistogram& metric);

}  // namespace poolgauge
