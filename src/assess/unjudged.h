// Problems of a run that none of its goals covers: such a run never passes.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"
#include "stats/queue_growth.h"

namespace poolgauge {

/// One sentence for each of the following that goes beyond kTolerated (1 %) with no goal on it,
/// with the goal that would accept it; empty: there is none.
/// - Failures of the requests that ended. A goal rate(CLASS), or rate(error), is on those of its
///   class, `for request NAME` on those of that kind only.
/// - Requests that never end: in flight, older than every completed one, and the oldest twice as
///   old as the slowest. A goal on the latency or response time is on them.
/// - Under an arrival rate, a queue that only grew: queue_growth(). A goal on the throughput is on
///   it.
std::vector<std::string> unjudged(const Report& report, const std::vector<Goal>& goals,
                                  bool open_load);

/// How far failures and a growing queue without a goal are beyond what is tolerated, for a search:
/// ln(share / kTolerated), below zero where they are within it. One number for each of the two that
/// the goals leave open, whatever was measured; `runs` as in goal_scores().
std::vector<double> unjudged_scores(const Scenario& scenario, const Measurement& measured,
                                    double runs);

}  // namespace poolgauge
