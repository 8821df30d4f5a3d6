// Figures that give findings their weight, from a report and what was measured.
#pragma once

#include "assess/diagnosis.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// A wait is worth naming above a pre-ping's round trip and a tenth of the median latency; less
/// matters to no reader.
Duration wait_worth_naming(const Measurement& measured);

/// Goals, parts of the wait, the window after its first second, and the place: users, server,
/// memory. `report` must already hold the verdict's goals, the summaries and the breakdown.
void add_weights(Figures& figures, const Scenario& scenario, const Measurement& measured,
                 const Report& report);

}  // namespace poolgauge
