// The server's statistics other than its states: connections, lock waits, counters, and the cost
// of sampling.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/measurement.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Adds to the object of the samples; what was not seen is null, never a zero that looks like a
/// measurement. `window_s` of the report.
void add_server_json(nlohmann::ordered_json& server, const ServerView& view, double window_s);
/// Absent in reports of older versions.
void read_server_more(ServerView& view, const JsonNode& node);

}  // namespace poolgauge
