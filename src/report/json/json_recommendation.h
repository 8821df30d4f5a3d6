// The recommendation as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/recommendation.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// "recommendation" in scenarios/report.schema.json.
nlohmann::ordered_json recommendation_json(const Recommendation& recommendation);
Recommendation read_recommendation(const JsonNode& node);
nlohmann::ordered_json budget_json(const ConnectionBudget& budget);
nlohmann::ordered_json forecast_json(const PoolForecast& forecast);

}  // namespace poolgauge
