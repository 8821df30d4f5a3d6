// The pooler's part of a report's JSON: /target/pooler and /pooler, written and read back.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// /target/pooler; null without one.
nlohmann::ordered_json pooler_facts_json(const std::optional<PoolerFacts>& facts);
/// /pooler: gauges by the second and what the counters add up to.
nlohmann::ordered_json pooler_view_json(const PoolerView& view);

std::optional<PoolerFacts> read_pooler_facts(const JsonNode& node);
PoolerView read_pooler_view(const JsonNode& node);

}  // namespace poolgauge
