// Figures by kind of request: into JSON and back, and as a table in each text form.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "report/json_node.h"
#include "report/screen.h"

namespace poolgauge {

/// Key "requests_by_kind": an entry for each kind of request, in the scenario's order. `summary`:
/// how a summary is written.
void write_kinds(nlohmann::ordered_json& root, const Report& report,
                 nlohmann::ordered_json (*summary)(const LatencySummary&));
/// Empty for reports of versions that did not count by kind. `failure`: a class by its name.
std::vector<RequestKind> read_kinds(const JsonNode& node,
                                    LatencySummary (*summary)(const JsonNode&),
                                    FailureClass (*failure)(const JsonNode&));

/// Those worth a row: all of several, in their order; of more than `most` the busiest. Empty where
/// there is one kind only, whose figures are those of all requests.
std::vector<const RequestKind*> shown_kinds(const Report& report, std::size_t most);
/// "and 12 more kinds of request: see the JSON report"; empty where `shown` are all.
std::string more_kinds(const Report& report, std::size_t shown);

/// Each returns, or adds, nothing where there is one kind only.
void add_kind_table(Screen& screen, const Report& report, Tone tone);
std::string kinds_markdown(const Report& report);
std::string kinds_html(const Report& report);

}  // namespace poolgauge
