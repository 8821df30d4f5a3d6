// The calibration in a report's JSON, written and read back.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

nlohmann::ordered_json calibration_json(const Report& report);
/// An absent one is empty.
Calibration read_calibration(const JsonNode& node);

}  // namespace poolgauge
