// A report's "part", or "parts" where it was merged from some.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

nlohmann::ordered_json part_json(const PartFacts& facts);
nlohmann::ordered_json parts_json(const JoinedParts& parts);

/// Nothing for a report without them.
std::optional<PartFacts> read_part(const JsonNode& node);
std::optional<JoinedParts> read_parts(const JsonNode& node);

}  // namespace poolgauge
