// Requests in flight at the end of the window: from a measurement into a report, and back.
#pragma once

#include "poolgauge/report.h"

namespace poolgauge {

/// So many of the longest gaps between completions are kept in a report.
constexpr std::size_t kSavedGaps = 200;

/// Summaries and histograms of their ages, and the gaps between completions.
void add_in_flight(Report& report, const Scenario& scenario, const Measurement& measured);

/// The ages back from the report's histograms, for steps and requests in the report's order.
Status put_ages(Measurement& measured, const Report& report);

}  // namespace poolgauge
