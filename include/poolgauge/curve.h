// The result of a sweep: throughput, latency, and wait by size, and the fitted curve.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace poolgauge {

/// One measured point. nullopt: the sample is too small.
struct CurvePoint {
  double at = 0;  ///< the size, the users or the rate
  double throughput_per_s = 0;
  std::optional<double> latency_p50_ms, latency_p95_ms, latency_p99_ms, pool_wait_p95_ms;
  double rate_pool_timeout = 0, rate_error = 0;
  std::optional<double> utilization;  ///< connections checked out / capacity
  std::optional<bool> goals_met;      ///< nullopt: there are none, or they could not be judged
  bool usable = true;                 ///< otherwise it is shown but not fitted
  std::string note;                   ///< why it is not usable
};

/// A family of curves fitted to the throughput.
struct CurveFamily {
  std::string name;                      ///< usl, knee, spline
  std::optional<double> left_out_error;  ///< mean relative error at points left out of the fit
  bool chosen = false;                   ///< so much better than the others that it is used alone
};

/// The fitted throughput at one place: the answer, and the range of the families.
struct CurveLine {
  double at = 0, throughput_per_s = 0, low = 0, high = 0;
};

struct CurveKnee {
  double at = 0;                ///< the smallest value with at least 95 % of the highest throughput
  double throughput_per_s = 0;  ///< there
  double peak_at = 0;
  double peak_per_s = 0;
  double beyond = 0;    ///< throughput at the largest place against the peak: -0.12
  bool rising = false;  ///< it still rises there: the knee was not reached
};

struct Curve {
  std::string over = "pool";  ///< pool (connections of each process), users, rate
  std::vector<CurvePoint> points;
  std::vector<CurveFamily> families;
  std::vector<CurveLine> line;  ///< empty: too few points for a fit
  std::optional<CurveKnee> knee;
  std::optional<double> smallest_meeting_goals, largest_meeting_goals;
  std::string finding;  ///< what the curve says, in a sentence or two
  std::vector<std::string> notes;
};

}  // namespace poolgauge
