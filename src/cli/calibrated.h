// The server's model from what a run measured.
#pragma once

#include "poolgauge/report.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"

namespace poolgauge::cli {

/// Each statement costs what it cost there.
ServerProfile calibrated_profile(const Report& report, const Scenario& scenario);

}  // namespace poolgauge::cli
