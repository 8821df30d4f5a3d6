// The recommendation as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/recommendation.h"
#include "report/json_node.h"

namespace poolgauge {

/// "recommendation" in scenarios/report.schema.json.
nlohmann::ordered_json recommendation_json(const Recommendation& recommendation);
Recommendation read_recommendation(const JsonNode& node);
nlohmann::ordered_json budget_json(const ConnectionBudget& budget);
nlohmann::ordered_json forecast_json(const PoolForecast& forecast);
/// Six significant digits; null for what is not finite or unknown.
nlohmann::ordered_json rounded(double value);
nlohmann::ordered_json rounded(const std::optional<double>& value);

}  // namespace poolgauge
