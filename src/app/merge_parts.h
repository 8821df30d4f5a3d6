// The parts of one run become the report that one machine would have written.
#pragma once

#include <string>
#include <vector>

#include "app/context.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// The report of a part, and the file that it was read from.
struct PartReport {
  std::string file;
  Report report;
};

/// Whether these are parts of the same run, each once; a report that is no part, or parts of
/// another scenario, seed, version, or start are refused by name. Not that all are there.
Status check_parts(const std::vector<PartReport>& parts);

/// Adds up parts that belong together: the counts and histograms of all seconds, as those of the
/// threads of one machine are added up. Goals, diagnosis, and verdict are those of the sum.
/// What is missing is said, and a run with a missing part does not pass. `scenario`: of all parts;
/// `parts` are in any order.
Report merge_parts(std::vector<PartReport> parts, const Scenario& scenario, const Context& context);

}  // namespace poolgauge::app
