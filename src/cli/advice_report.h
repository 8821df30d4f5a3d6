// From what a search found to the report with its recommendation.
#pragma once

#include <string>

#include "cli/advisor.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

/// Whose arithmetic an advice answers for.
struct AdviceFrame {
  ServerSlots slots;                ///< headroom included
  std::int64_t peak_processes = 1;  ///< of the whole fleet, those of a deployment included
  std::optional<std::int64_t> budget;
  bool simulated = false;
  double seconds = 0;
};

/// The report of the run nearest to the answer, with recommendation and verdict of the search.
/// `interrupted` decides over everything else.
Report advised_report(const Scenario& scenario, const Advisor& advisor, const AdviceFrame& frame,
                      bool interrupted);

}  // namespace poolgauge::cli
