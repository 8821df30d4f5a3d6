// What a scenario needs of its server, for the checks of `doctor`.
#pragma once

#include <string_view>

#include "poolgauge/doctor.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// Whether the statement may change something, or lock rows: by its key words, in doubt it does.
bool may_write(std::string_view sql);

/// Fills in what the scenario says: connections, holds, deadline, writes, tables.
void take_needs(const Scenario& scenario, DoctorPlan& plan);

}  // namespace poolgauge::app
