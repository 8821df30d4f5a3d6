// The parts of a report's JSON, each written and read.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "doctor/health.h"
#include "poolgauge/gate.h"
#include "poolgauge/in_flight.h"
#include "poolgauge/measurement.h"
#include "poolgauge/recommendation.h"
#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

nlohmann::ordered_json calibration_json(const Report& report);
/// An absent one is empty.
Calibration read_calibration(const JsonNode& node);

// The load generator's own figures in JSON.

/// Adds what goes beyond the busiest thread and the schedule's lag.
void write_client_details(nlohmann::ordered_json& client, const ClientFigures& figures);
/// Reads the same; a report of an older version has none of it.
ClientFigures read_client_details(const JsonNode& client);

// The longest gaps between completions: into JSON and back, so that the parts of a run can be
// joined with them.

/// Whole microseconds; each gap as [start, length, of which no request was in progress, requests in
/// flight]. Of what is known.
nlohmann::ordered_json gaps_json(const CompletionGaps& gaps);
/// Not known where the node is absent or null. Negative times, overlaps and too many are mistakes.
CompletionGaps read_gaps(const JsonNode& node);

// A gate's part of a report's JSON: /gate, written and read back.

nlohmann::ordered_json gate_json(const GateResult& gate);
GateResult read_gate(const JsonNode& node);

// What the guards of a run did, as JSON.

/// The report's "guards".
nlohmann::ordered_json guards_json(const GuardLog& guards);
/// Reads it; an absent one is empty.
void read_guards(Report& report, const JsonNode& node);

// A pool's health as JSON.

/// One object, a newline at the end; what is not known is null. `timestamp`: UTC, ISO 8601.
std::string health_json(const doctor::HealthFacts& facts, const doctor::HealthPlan& plan,
                        const doctor::Health& health, const std::string& timestamp);

// Requests in flight at the end of the window, and seconds without a completion, as JSON.

/// Keys "in_flight" (only where there are ages), "gaps" (only where they are known) and "stalls"
/// (only where there are any).
void write_in_flight(nlohmann::ordered_json& root, const Report& report);
/// Older reports have none of them.
void read_in_flight(Report& report, const JsonNode& root);

// Whole distributions in a few dozen percentiles, closer and closer towards the slow end.

nlohmann::ordered_json percentiles_json(const Report& report);
/// Older reports have none.
void read_percentiles(Report& report, const JsonNode& node);

// Where the time went, in a report, as JSON: the phases' distributions and the example requests.

/// Adds phases_ms, connect_phases_ms, breakdown_residual and samples.
void write_phases(nlohmann::ordered_json& root, const Report& report);
/// Reads the same; a report of an older version has none of them.
void read_phases(Report& report, const JsonNode& root);

// The prediction in a report's JSON, written and read back.

nlohmann::ordered_json prediction_json(const Prediction& prediction);
/// Nothing for an absent one.
std::optional<Prediction> read_prediction(const JsonNode& node);

// Reading the measured part of a saved report.

/// Fills everything between the verdict and the notes; mistakes are noted in the node's problem.
void read_figures(Report& report, const JsonNode& root);
/// A pool's option; durations stay the texts they were written as.
OptionValue read_option(const JsonNode& node);

// The recommendation as JSON.

/// "recommendation" in scenarios/report.schema.json.
nlohmann::ordered_json recommendation_json(const Recommendation& recommendation);
Recommendation read_recommendation(const JsonNode& node);

// The server's statistics other than its states: connections, lock waits, counters, and the cost
// of sampling.

/// Adds to the object of the samples; what was not seen is null, never a zero that looks like a
/// measurement. `window_s` of the report.
void add_server_json(nlohmann::ordered_json& server, const ServerView& view, double window_s);
/// Absent in reports of older versions.
void read_server_more(ServerView& view, const JsonNode& node);

// A report's "part", or "parts" where it was merged from some.

nlohmann::ordered_json part_json(const PartFacts& facts);
nlohmann::ordered_json parts_json(const JoinedParts& parts);

/// Nothing for a report without them.
std::optional<PartFacts> read_part(const JsonNode& node);
std::optional<JoinedParts> read_parts(const JsonNode& node);

}  // namespace poolgauge
