// The prediction in a report's JSON, written and read back.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

nlohmann::ordered_json prediction_json(const Prediction& prediction);
/// Nothing for an absent one.
std::optional<Prediction> read_prediction(const JsonNode& node);

}  // namespace poolgauge
