// Axes of charts: from values to places between 0 and 1, with ticks that people can read.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace poolgauge {

struct Axis {
  double low = 0, high = 1;
  bool log = false;
  std::vector<std::pair<double, std::string>> ticks;  ///< value and text

  /// 0 at `low`, 1 at `high`; values outside are moved to the nearer end.
  double at(double value) const;
};

/// From zero to a round number at or above `largest`, in plain figures.
Axis count_axis(double largest);
/// The same for milliseconds, in one unit.
Axis time_axis(double largest_ms);
/// Logarithmic, from a round number below `least_ms` to one above `largest_ms`; zeros lie at its
/// lower end.
Axis log_time_axis(double least_ms, double largest_ms);
/// Exactly from zero to `end_s`: the time that passes in a run.
Axis clock_axis(double end_s);
/// Percentiles from 0 to the last that `count` values can show, stretched towards 100: each further
/// nine takes the same room.
Axis percentile_axis(double count);
/// Exactly from `low` to `high`, with round ticks between.
Axis size_axis(double low, double high);

/// Milliseconds for a tick: "200 ms", "1.5 s".
std::string tick_time(double ms);

}  // namespace poolgauge
