// The parts of the server's own view that go beyond samples of its states: who is connected, who
// waits for whom, what it counted, what it and our own looking cost.
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
