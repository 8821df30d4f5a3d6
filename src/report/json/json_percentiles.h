// Whole distributions in a few dozen percentiles, closer and closer towards the slow end.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

nlohmann::ordered_json percentiles_json(const Report& report);
/// Older reports have none.
void read_percentiles(Report& report, const JsonNode& node);

}  // namespace poolgauge
