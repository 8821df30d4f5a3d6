// What the guards of a run did, as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// The report's "guards".
nlohmann::ordered_json guards_json(const GuardLog& guards);
/// Reads it; an absent one is empty.
void read_guards(Report& report, const JsonNode& node);

}  // namespace poolgauge
