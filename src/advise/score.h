// Goals as numbers that a search can compare, and the curve through measured points.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/curve.h"
#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// By goal: ln(figure / limit) within [-3, 3], turned so that a negative one is met; not a number
/// where the sample cannot say. `runs`: how many runs the measurement is the sum of. A rate is
/// taken with half an event added, and a limit of 0 as "not one event in a run". After the goals'
/// come the scores of what they leave open: unjudged_scores().
std::vector<double> goal_scores(const Scenario& scenario, const Measurement& measured,
                                double runs = 1);

/// Goals that contradict each other; empty: none do.
std::string contradiction_of(const std::vector<Goal>& goals);
/// Goals that contradict the load: a higher throughput than the arrival rate.
std::string contradiction_of(const Scenario& scenario);

/// What a run is too short for, and how long it would have to be.
struct TooShort {
  std::vector<std::string> quantiles;  ///< cannot be judged at all: the search cannot begin
  std::vector<std::string> rates;      ///< can be judged, but not shown
  /// Of `rates`: a longer run would show them. A limit of 0 % is shown by none.
  std::size_t open_rates = 0;
};
/// What is planned: percentiles are judged run by run, rates by all confirming runs together.
struct PlannedRuns {
  double ended_per_s = 0;  ///< requests
  double seconds = 0;      ///< of a run
  double count = 1;
  /// The share of the requests that each kind has, for goals that speak of one kind alone.
  std::vector<std::pair<std::string, double>> shares = {};
};
/// Each kind of request by its weight.
std::vector<std::pair<std::string, double>> shares_of(const Scenario& scenario);
/// `confidence` for rates: 0.95 shows a rate of x by 3 / x requests without an event.
TooShort too_short_for(const std::vector<Goal>& goals, const PlannedRuns& planned,
                       double confidence);

// From measured points to a curve: the fit, its knee, and a sentence about both.

/// Points in any order; those that are not usable are kept, but not fitted.
Curve make_curve(const std::string& over, std::vector<CurvePoint> points);

/// Where text and charts alike show the knee, as a whole number but for rates; nothing where it
/// lies beyond what was measured or at its very start, and so is not called one.
std::optional<double> knee_place(const Curve& curve);

/// "connections", "users", "requests/s": what the places of a curve count.
std::string place_unit(const std::string& over);

/// The places to measure first: `count` of them, evenly on a logarithmic scale, whole numbers, both
/// ends among them.
std::vector<double> first_places(double least, double most, std::size_t count);
/// Where another point is most useful: where the families disagree; nullopt where they agree.
std::optional<double> next_place(const std::vector<CurvePoint>& points, double least, double most);

}  // namespace poolgauge
