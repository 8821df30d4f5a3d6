// Requests in flight at the end of the window, and seconds without a completion, as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Keys "in_flight" (only where there are ages), "gaps" (only where they are known) and "stalls"
/// (only where there are any).
/// `summary`: how a summary is written.
void write_in_flight(nlohmann::ordered_json& root, const Report& report,
                     nlohmann::ordered_json (*summary)(const LatencySummary&));
/// Older reports have none of them.
void read_in_flight(Report& report, const JsonNode& root,
                    LatencySummary (*summary)(const JsonNode&));

}  // namespace poolgauge
