// The load generator's own figures in JSON.
#pragma once

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Adds what goes beyond the busiest thread and the schedule's lag. `summary`: how one is written.
void write_client_details(nlohmann::ordered_json& client, const ClientFigures& figures,
                          nlohmann::ordered_json (*summary)(const LatencySummary&));
/// Reads the same; a report of an older version has none of it.
ClientFigures read_client_details(const JsonNode& client,
                                  LatencySummary (*summary)(const JsonNode&));

}  // namespace poolgauge
