// Requests in flight at the end of the window, and seconds without a completion: into the report,
// into JSON and back, and in words.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "poolgauge/report.h"
#include "report/json_node.h"

namespace poolgauge {

/// Summaries and histograms of their ages, and the gaps between completions.
void add_in_flight(Report& report, const Scenario& scenario, const Measurement& measured);

/// Keys "in_flight" (only where there are ages), "gaps" (only where they are known) and "stalls"
/// (only where there are any).
/// `summary`: how a summary is written.
void write_in_flight(nlohmann::ordered_json& root, const Report& report,
                     nlohmann::ordered_json (*summary)(const LatencySummary&));
/// Older reports have none of them.
void read_in_flight(Report& report, const JsonNode& root,
                    LatencySummary (*summary)(const JsonNode&));

/// The ages back from the report's histograms, for steps and requests in the report's order.
Status put_ages(Measurement& measured, const Report& report);

/// "100 still running at the end, the oldest for 1.31 s"; "" where none was.
std::string in_flight_text(const Report& report);
/// "no request completed from 1.0 s to 8.0 s"; "" where there was no such time.
std::string stall_line(const Report& report);

}  // namespace poolgauge
