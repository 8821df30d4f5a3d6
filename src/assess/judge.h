// The last step of a report: its verdict and its diagnosis.
#pragma once

#include "poolgauge/report.h"

namespace poolgauge {

/// Decides on a report whose figures are all there. A part of a run gets a verdict on its own
/// measurement (stopped, interrupted, saturated) but no goals and no diagnosis: those are about the
/// whole run.
void judge(Report& report, const Scenario& scenario, const Measurement& measured,
           const RunFacts& facts);

}  // namespace poolgauge
