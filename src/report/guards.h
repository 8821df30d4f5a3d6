// What the guards of a run did: as JSON, and in words.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json_node.h"

namespace poolgauge {

/// The report's "guards".
nlohmann::ordered_json guards_json(const GuardLog& guards);
/// Reads it; an absent one is empty.
void read_guards(Report& report, const JsonNode& node);

/// One line for what was watched, one for each event, the first few of many; none without guards.
std::vector<std::string> guard_lines(const Report& report);

}  // namespace poolgauge
