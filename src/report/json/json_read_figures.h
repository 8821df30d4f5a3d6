// Reading the measured part of a saved report.
#pragma once

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Fills everything between the verdict and the notes; mistakes are noted in the node's problem.
void read_figures(Report& report, const JsonNode& root);
/// A pool's option; durations stay the texts they were written as.
OptionValue read_option(const JsonNode& node);

}  // namespace poolgauge
