// From what a search found to the report with its recommendation.
#pragma once

#include <string>

#include "app/advice_limits.h"
#include "app/advisor.h"
#include "poolgauge/report.h"

namespace poolgauge::app {

/// The report of the run nearest to the answer, with recommendation and verdict of the search.
/// A guard that ended the search decides over everything else, then `interrupted`.
Report advised_report(const Scenario& scenario, const Advisor& advisor, const AdviceFrame& frame,
                      bool interrupted);

}  // namespace poolgauge::app
