// The values by which a goal is judged: its metric and its requests, over one interval.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"
#include "stats/over_time.h"

namespace poolgauge {

/// One interval: the whole run, or a window of it.
struct GoalFigures {
  Histogram times;            ///< of the goal's metric
  Histogram ages;             ///< of requests in flight at the end of the interval: lower bounds
  std::vector<Stall> stalls;  ///< those that overlap it; times from the start of the run's window
  std::uint64_t completed = 0, failed = 0, hits = 0;
  Duration begin{0};  ///< of the interval, from the start of the run's window
  Duration span{0};
  Duration window{0};              ///< the run's
  std::vector<double> per_second;  ///< completed, second by second; only whole seconds
  // Of the whole run, where its slices show how much adjacent values depend on each other.
  Pieces pieces;                               ///< of `times`; as long as the measurement
  std::optional<RateInterval> rate, per_time;  ///< of hits among ended; of completed a second
  std::uint64_t ended() const { return completed + failed; }
};

/// The whole run, of the goal's request where it names one.
GoalFigures whole_run(const Scenario& scenario, const Measurement& measured, std::size_t goal);

/// Every window of the goal's length in the run, one second apart; the first starts with the run's
/// window.
std::vector<GoalFigures> windows_of(const Scenario& scenario, const Measurement& measured,
                                    std::size_t goal);

/// A figure with its 95 % interval, or why there is none.
struct GoalValue {
  std::optional<double> value, low, high;
  std::optional<double> at_least;  ///< where requests in flight leave the value unknown
  std::string unsupported;         ///< not empty: why there is no value, or why it cannot be judged
  std::string in_flight;           ///< "663 of 769 had not ended, the oldest after 7.00 s"
};
GoalValue value_of(const Goal& goal, const GoalFigures& figures);

/// Why a percentile within its limit is still uncertain: requests that never ended, or stalls
/// without completions; empty: it is not. Of `figures` it takes times, ages, stalls and
/// the span.
std::string doubt_about(const Goal& goal, const GoalFigures& figures);
/// Why stalls leave it undecided whether a time is within its upper limit; "" where they do not.
/// Waiting users send nothing, and what came in a stall at the end may have taken any time. Of the
/// figures only the stalls and the stretch count.
std::string stall_doubt(const Goal& goal, const GoalFigures& figures);

/// Whether the goal is an upper limit.
bool is_upper_limit(const Goal& goal);

/// 0.95 for p95; 0 for other statistics.
double quantile_of(GoalStatistic statistic);

/// "s", "fraction" or "1/s"
std::string unit_of(const Goal& goal);

}  // namespace poolgauge
