// A curve as JSON, written and read back.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/curve.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// /curve of a report.
nlohmann::ordered_json curve_json(const Curve& curve);
Curve read_curve(const JsonNode& node);

}  // namespace poolgauge
