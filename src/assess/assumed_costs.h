// Which goals a simulation can judge if the cost of its statements is only assumed.
#pragma once

#include <string>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// Why a goal cannot be judged with assumed costs, and how to give the costs; empty: holds and
/// pools decide it. Goals on latency, response, connect, hold time, SQL steps, and throughput
/// never can; pool waits and rates can where every request holds its connection for far longer
/// than its statements are likely to take.
std::string undecided_by_holds(const Scenario& scenario, const Goal& goal);

/// The same for the result of a simulation, which also judges nothing that depends on locks: empty
/// where its costs are known, and where refused connects alone miss a goal on a rate, which no cost
/// and no lock changes.
std::string not_judged_because(const Scenario& scenario, const Measurement& measured,
                               const Goal& goal);

/// Adds the cure to such a reason.
std::string how_to_give_costs();

}  // namespace poolgauge
