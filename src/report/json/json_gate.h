// A gate's part of a report's JSON: /gate, written and read back.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/gate.h"
#include "report/json/json_node.h"

namespace poolgauge {

nlohmann::ordered_json gate_json(const GateResult& gate);
GateResult read_gate(const JsonNode& node);

}  // namespace poolgauge
