// Which goals a simulation can judge when nobody said what its statements cost.
#pragma once

#include <string>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// Why a goal cannot be judged with assumed costs, and how to give the costs; empty: holds and
/// pools decide it. Goals on latency, response, connect, connection time, SQL steps and throughput
/// never can; pool waits and rates can where every request holds its connection for far longer
/// than its statements are likely to take.
std::string undecided_by_holds(const Scenario& scenario, const Goal& goal);

/// The same for a simulation's result, which also judges nothing that hangs on locks: empty where
/// its costs are known, and where refused connects alone miss a goal on a rate, which no cost and
/// no lock changes.
std::string not_judged_because(const Scenario& scenario, const Measurement& measured,
                               const Goal& goal);

/// Adds what is to be done to any such reason.
std::string how_to_give_costs();

}  // namespace poolgauge
