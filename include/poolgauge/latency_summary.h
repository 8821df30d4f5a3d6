// Summaries of distributions of times, as in a report.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/histogram.h"

namespace poolgauge {

/// Milliseconds. Where requests in flight keep a figure unknown, or show that it is larger, it is
/// `at_least` that: for a percentile instead of its value, for mean and maximum in addition to it.
struct TimeFigure : std::optional<double> {
  TimeFigure& operator=(double ms) {
    std::optional<double>::operator=(ms);
    return *this;
  }
  TimeFigure& operator=(const std::optional<double>& ms) {
    std::optional<double>::operator=(ms);
    return *this;
  }
  std::optional<double> at_least;
};

/// The summary of one histogram, in milliseconds. `count`, `mean` and `max` are of what ended.
/// Percentiles count what had not ended with its age as a lower bound (stats/product_limit.h). One
/// for which the sample is too small is nullopt: p50 needs 6 values, p90 36, p95 72, p99 368, p99.9
/// 3,688 (the smallest n for which an order statistic bounds the quantile from above with 97.5 %
/// confidence).
struct LatencySummary {
  std::uint64_t count = 0;
  TimeFigure mean, p50, p90, p95, p99, p999, max;
  std::optional<std::pair<double, double>> p95_ci95, p99_ci95;  ///< order statistics
};
/// Its figures by the names they have in the JSON.
struct TimeMember {
  const char* name;
  TimeFigure LatencySummary::*figure;
};
inline constexpr std::array<TimeMember, 7> kTimeMembers = {{{"mean", &LatencySummary::mean},
                                                            {"p50", &LatencySummary::p50},
                                                            {"p90", &LatencySummary::p90},
                                                            {"p95", &LatencySummary::p95},
                                                            {"p99", &LatencySummary::p99},
                                                            {"p999", &LatencySummary::p999},
                                                            {"max", &LatencySummary::max}}};
/// The intervals assume independent values; a report replaces them. `ages`: of requests that had
/// not ended.
LatencySummary summarize(const Histogram& histogram, const Histogram& ages = Histogram{});

/// The requests in flight at the end of the window: how long they had been in progress by then.
struct InFlightSummary {
  LatencySummary ages;  ///< since the intended start; empty in reports of older versions
  /// How many of these were older than every completed request, so that their end is unknown.
  std::uint64_t older_than_completed = 0;
  struct OfRequest {
    std::string request;
    LatencySummary ages;
  };
  std::vector<OfRequest> requests;  ///< kinds with requests in flight
};

}  // namespace poolgauge
