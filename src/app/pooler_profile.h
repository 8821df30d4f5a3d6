// The server behind a pooler, as a run through the pooler shows it.
#pragma once

#include "poolgauge/report.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"

namespace poolgauge::app {

/// Corrects a profile made from the report's step times: takes the wait for a server out of them,
/// and the share of their time in which the server's statistics show no backend running. Nothing to
/// do for a report without a pooler.
void fit_profile_to_pooler(ServerProfile& profile, const Report& report, const Scenario& scenario);

}  // namespace poolgauge::app
