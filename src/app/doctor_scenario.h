// What a scenario meets on a server, for `doctor`: nothing of it is executed.
#pragma once

#include <string>

#include "poolgauge/doctor.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// Statements are prepared and planned, names are looked up. `facts`: of the same server, already
/// read. Pools on a replica are not looked at. A server that stops answering is said in `trouble`;
/// the error is a stop request.
Result<DoctorScenario> look_at_scenario(const std::string& conninfo, const Scenario& scenario,
                                        const DoctorFacts& facts, const StopFlag& stop);

}  // namespace poolgauge::app
