// The longest gaps between completions: into JSON and back, so that the parts of a run can be
// joined with them.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/in_flight.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Whole microseconds; each gap as [start, length, of which no request was in progress, requests in
/// flight]. Of what is known.
nlohmann::ordered_json gaps_json(const CompletionGaps& gaps);
/// Not known where the node is absent or null. Negative times, overlaps and too many are mistakes.
CompletionGaps read_gaps(const JsonNode& node);

}  // namespace poolgauge
