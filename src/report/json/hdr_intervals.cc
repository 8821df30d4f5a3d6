// Joining slices.
#include "report/json/hdr_intervals.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace poolgauge {

namespace {

/// So that the report of a day is no larger than that of some minutes.
constexpr std::size_t kMostIntervals = 300;

PackedHistogram joined_slices(const std::vector<PackedHistogram>& slices, std::size_t from,
                              std::size_t to) {
  if (to - from == 1) return slices[from];
  Histogram sum;
  for (std::size_t i = from; i < to; ++i) {
    const bool good = sum.merge(slices[i]);
    POOLGAUGE_CHECK(good, "slices can be read back: our own, and those of a file were");
  }
  return sum.packed();
}

}  // namespace

HdrIntervals hdr_intervals(const Report& report, const KeptHistogram& metric) {
  HdrIntervals found;
  if (metric.slices.empty() || !(report.slice_s > 0)) return found;
  const std::size_t count = metric.slices.size();
  const auto second = static_cast<std::size_t>(std::max(1.0, std::round(1 / report.slice_s)));
  const std::size_t seconds = (count + second - 1) / second;
  const std::size_t group = second * ((seconds + kMostIntervals - 1) / kMostIntervals);
  found.length_s = report.slice_s * static_cast<double>(group);
  for (std::size_t from = 0; from < count; from += group) {
    found.parts.push_back(joined_slices(metric.slices, from, std::min(from + group, count)));
  }
  return found;
}

}  // namespace poolgauge
