// Parts of /target in a report's JSON: the standby, and what a simulation takes for granted.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"

namespace poolgauge {

/// /target/replica; null without one.
nlohmann::ordered_json replica_facts_json(const std::optional<ReplicaFacts>& facts);
/// /target/simulation.
nlohmann::ordered_json simulation_facts_json(const SimulationFacts& facts);

}  // namespace poolgauge
