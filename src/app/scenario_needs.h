// What a scenario needs of its server, for the checks of `doctor`.
#pragma once

#include "poolgauge/doctor.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// Fills in what the scenario says: connections, holds, deadline, writes, tables.
void take_needs(const Scenario& scenario, DoctorPlan& plan);

}  // namespace poolgauge::app
