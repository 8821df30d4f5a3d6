// Phases and example requests: to JSON and back.
#include "report/json/json_parts.h"

#include "assess/describe.h"
#include "report/json/json_number.h"
#include "report/json/report_fields.h"

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

}  // namespace

void write_phases(Json& root, const Report& report) {
  root["breakdown_residual"] = rounded(as_written(report.breakdown_ms).residual());
  Json& phases = root["phases_ms"] = Json::object();
  for (const PhaseColumn& phase : kPhaseColumns)
    phases[phase.name] = in_json(report.phases.*phase.summary);
  Json& connecting = root["connect_phases_ms"] = Json::object();
  for (const ConnectPart& part : kConnectColumns) {
    connecting[part.name] = in_json(report.connect_phases.*part.summary);
  }
  Json& samples = root["samples"] = Json::array();
  for (const ExampleRequest& example : report.samples) {
    samples.push_back(in_json(example));
    if (example.spans_left_out > 0) samples.back()["spans_left_out"] = example.spans_left_out;
  }
}

void read_phases(Report& report, const JsonNode& root) {
  const JsonNode phases = root["phases_ms"];
  for (const PhaseColumn& phase : kPhaseColumns) {
    if (!phases.is_null()) report.phases.*phase.summary = extra_summary(phases[phase.name]);
  }
  const JsonNode connecting = root["connect_phases_ms"];
  for (const ConnectPart& part : kConnectColumns) {
    if (!connecting.is_null())
      report.connect_phases.*part.summary = extra_summary(connecting[part.name]);
  }
  const JsonNode samples = root["samples"];
  if (samples.is_null()) return;
  for (const JsonNode& sample : samples.items()) {
    ExampleRequest example = InJson<ExampleRequest>::read(sample);
    if (sample["why"].is_null()) example.why = "slowest";
    const JsonNode left_out = sample["spans_left_out"];
    if (!left_out.is_null()) example.spans_left_out = left_out.small_count();
    report.samples.push_back(std::move(example));
  }
}

}  // namespace poolgauge
