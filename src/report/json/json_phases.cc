// Phases and example requests: to JSON and back.
#include "report/json/json_phases.h"

#include "assess/phases.h"
#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// What a reader of the written figures computes, so that reading and writing again changes
/// nothing.
Breakdown as_written(const Breakdown& b) {
  return {six_digits(b.start), six_digits(b.pool_wait), six_digits(b.begin),  six_digits(b.sql),
          six_digits(b.hold),  six_digits(b.pause),     six_digits(b.commit), six_digits(b.release),
          six_digits(b.other), six_digits(b.backoff)};
}

Json example_json(const ExampleRequest& example) {
  Json spans = Json::array();
  for (const SampleSpan& span : example.spans) {
    spans.push_back({{"kind", span.kind},
                     {"name", span.name},
                     {"start_ms", rounded(span.start_ms)},
                     {"duration_ms", rounded(span.duration_ms)}});
  }
  Json json{{"why", example.why},
            {"request", example.request},
            {"user", example.user},
            {"started_s", rounded(example.started_s)},
            {"latency_ms", rounded(example.latency_ms)},
            {"outcome", example.outcome},
            {"spans", std::move(spans)}};
  if (example.spans_left_out > 0) json["spans_left_out"] = example.spans_left_out;
  return json;
}

ExampleRequest read_example(const JsonNode& node) {
  ExampleRequest example;
  example.why = node["why"].text_or("slowest");
  example.request = node["request"].text();
  example.user = node["user"].small_count();
  example.started_s = node["started_s"].number();
  example.latency_ms = node["latency_ms"].number();
  example.outcome = node["outcome"].text();
  for (const JsonNode& span : node["spans"].items()) {
    example.spans.push_back({span["kind"].text(), span["name"].text_or(""),
                             span["start_ms"].number(), span["duration_ms"].number()});
  }
  const JsonNode left_out = node["spans_left_out"];
  if (!left_out.is_null()) example.spans_left_out = left_out.small_count();
  return example;
}

}  // namespace

void write_phases(Json& root, const Report& report, Json (*summary)(const LatencySummary&)) {
  root["breakdown_residual"] = rounded(as_written(report.breakdown_ms).residual());
  Json& phases = root["phases_ms"] = Json::object();
  for (const PhaseColumn& phase : kPhaseColumns)
    phases[phase.name] = summary(report.phases.*phase.summary);
  Json& connecting = root["connect_phases_ms"] = Json::object();
  for (const ConnectPart& part : kConnectColumns) {
    connecting[part.name] = summary(report.connect_phases.*part.summary);
  }
  Json& samples = root["samples"] = Json::array();
  for (const ExampleRequest& example : report.samples) samples.push_back(example_json(example));
}

void read_phases(Report& report, const JsonNode& root, LatencySummary (*summary)(const JsonNode&)) {
  const JsonNode phases = root["phases_ms"];
  for (const PhaseColumn& phase : kPhaseColumns) {
    if (!phases.is_null()) report.phases.*phase.summary = summary(phases[phase.name]);
  }
  const JsonNode connecting = root["connect_phases_ms"];
  for (const ConnectPart& part : kConnectColumns) {
    if (!connecting.is_null()) report.connect_phases.*part.summary = summary(connecting[part.name]);
  }
  const JsonNode samples = root["samples"];
  if (samples.is_null()) return;
  for (const JsonNode& sample : samples.items()) report.samples.push_back(read_example(sample));
}

}  // namespace poolgauge
