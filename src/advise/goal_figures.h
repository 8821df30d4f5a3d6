// What a goal is judged by: the values of its metric and its requests, over one stretch of time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"
#include "stats/over_time.h"

namespace poolgauge {

/// Whether figures get their 95 % intervals, which cost more than the figures themselves.
enum class Intervals : std::uint8_t { with, without };

/// One stretch: the whole run, or a window of it.
struct GoalFigures {
  Intervals intervals = Intervals::with;
  Histogram times;  ///< of the goal's metric
  Histogram ages;   ///< of what was in flight at the end of the stretch: lower bounds of it
  std::vector<Stall>
      stalls;  ///< those that reach into it; times from the begin of the run's window
  std::uint64_t completed = 0, failed = 0, hits = 0;
  Duration begin{0};  ///< of the stretch, from the begin of the run's window
  Duration span{0};
  Duration window{0};              ///< the run's
  std::vector<double> per_second;  ///< completed, second by second; only whole seconds
  // For intervals of the whole run, whose slices tell how much neighbours depend on each other.
  Pieces pieces;                               ///< of `times`; as long as the measurement
  std::optional<RateInterval> rate, per_time;  ///< of hits among ended; of completed a second
  std::uint64_t ended() const { return completed + failed; }
};

/// The whole run, of the goal's request where it names one.
GoalFigures whole_run(const Scenario& scenario, const Measurement& measured, std::size_t goal,
                      Intervals intervals = Intervals::with);

/// Every window of the goal's length that lies in the run, a second apart; the first begins with
/// the run's window.
std::vector<GoalFigures> windows_of(const Scenario& scenario, const Measurement& measured,
                                    std::size_t goal, Intervals intervals = Intervals::with);

/// A figure with its 95 % interval, or why there is none.
struct GoalValue {
  std::optional<double> value, low, high;
  std::optional<double> at_least;  ///< where what is in flight keeps the value unknown
  std::string unsupported;         ///< not empty: why there is no value, or what keeps it open
  std::string in_flight;           ///< "663 of 769 had not ended, the oldest after 7.00 s"
};
GoalValue value_of(const Goal& goal, const GoalFigures& figures);

/// What makes a percentile within its limit uncertain still: requests that never ended, or stalls
/// in which nobody was served; empty: nothing does. Of `figures` it takes times, ages, stalls and
/// the span.
std::string doubt_about(const Goal& goal, const GoalFigures& figures);
/// Why stalls leave it open whether an upper limit on a time was kept; "" where they do not.
/// Waiting users send nothing, and what came in a stall at the end may have taken any time. Of the
/// figures only the stalls and the stretch count.
std::string stall_doubt(const Goal& goal, const GoalFigures& figures);

/// Whether it says what a figure may be at most.
bool is_upper_limit(const Goal& goal);

/// 0.95 for p95; 0 for what is no percentile.
double quantile_of(GoalStatistic statistic);

/// "s", "fraction" or "1/s"
std::string unit_of(const Goal& goal);

}  // namespace poolgauge
