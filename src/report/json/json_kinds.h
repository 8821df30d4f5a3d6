// Figures by kind of request in JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Key "requests_by_kind": an entry for each kind of request, in the scenario's order. `summary`:
/// how a summary is written.
void write_kinds(nlohmann::ordered_json& root, const Report& report,
                 nlohmann::ordered_json (*summary)(const LatencySummary&));
/// Empty for reports of versions that did not count by kind. `failure`: a class by its name.
std::vector<RequestKind> read_kinds(const JsonNode& node,
                                    LatencySummary (*summary)(const JsonNode&),
                                    FailureClass (*failure)(const JsonNode&));

}  // namespace poolgauge
