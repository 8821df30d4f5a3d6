// Where the time went, in a report, as JSON: the phases' distributions and the example requests.
#pragma once

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Adds phases_ms, connect_phases_ms, breakdown_residual and samples. `summary`: how a summary is
/// written.
void write_phases(nlohmann::ordered_json& root, const Report& report,
                  nlohmann::ordered_json (*summary)(const LatencySummary&));
/// Reads the same; a report of an older version has none of them.
void read_phases(Report& report, const JsonNode& root, LatencySummary (*summary)(const JsonNode&));

}  // namespace poolgauge
