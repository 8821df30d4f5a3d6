// Phases and example requests: from the measurement, to JSON and back.
#include "report/phases.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

struct PhaseColumn {
  const char* name;
  Histogram PhaseTimes::*measured;
  LatencySummary PhaseSummaries::*summary;
};
constexpr std::array kPhases{
    PhaseColumn{"start", &PhaseTimes::start, &PhaseSummaries::start},
    PhaseColumn{"pool_wait", &PhaseTimes::pool_wait, &PhaseSummaries::pool_wait},
    PhaseColumn{"connect", &PhaseTimes::connect, &PhaseSummaries::connect},
    PhaseColumn{"begin", &PhaseTimes::begin, &PhaseSummaries::begin},
    PhaseColumn{"sql", &PhaseTimes::sql, &PhaseSummaries::sql},
    PhaseColumn{"hold", &PhaseTimes::hold, &PhaseSummaries::hold},
    PhaseColumn{"pause", &PhaseTimes::pause, &PhaseSummaries::pause},
    PhaseColumn{"commit", &PhaseTimes::commit, &PhaseSummaries::commit},
    PhaseColumn{"release", &PhaseTimes::release, &PhaseSummaries::release},
    PhaseColumn{"backoff", &PhaseTimes::backoff, &PhaseSummaries::backoff},
    PhaseColumn{"other", &PhaseTimes::other, &PhaseSummaries::other}};

struct ConnectPart {
  const char* name;
  Histogram ConnectPhases::*measured;
  LatencySummary ConnectSummaries::*summary;
};
constexpr std::array kConnectParts{
    ConnectPart{"tcp", &ConnectPhases::tcp, &ConnectSummaries::tcp},
    ConnectPart{"tls", &ConnectPhases::tls, &ConnectSummaries::tls},
    ConnectPart{"authentication", &ConnectPhases::authentication,
                &ConnectSummaries::authentication},
    ConnectPart{"ready", &ConnectPhases::ready, &ConnectSummaries::ready}};

double rounded(double value) {
  return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

/// What a reader of the written figures computes, so that reading and writing again changes
/// nothing.
Breakdown as_written(const Breakdown& b) {
  return {rounded(b.start), rounded(b.pool_wait), rounded(b.begin),  rounded(b.sql),
          rounded(b.hold),  rounded(b.pause),     rounded(b.commit), rounded(b.release),
          rounded(b.other), rounded(b.backoff)};
}

std::string_view why_name(RequestSample::Why why) {
  switch (why) {
    case RequestSample::Why::slowest: return "slowest";
    case RequestSample::Why::typical: return "typical";
    case RequestSample::Why::failed: return "failed";
  }
  return "typical";
}

/// The step's name, or the pool's.
std::string span_name(const Scenario& scenario, const RequestSpec& request, const Span& span) {
  const bool step =
      span.kind == SpanKind::sql || span.kind == SpanKind::hold || span.kind == SpanKind::pause;
  if (span.kind == SpanKind::backoff) return "";
  if (step) return span.place < request.steps.size() ? request.steps[span.place].name : "";
  const Deployment& deployment = scenario.deployment;
  return span.place < deployment.pool_count() ? deployment.pool_at(span.place).name : "";
}

ExampleRequest example_of(const Scenario& scenario, const RequestSample& sample) {
  const RequestSpec& request = scenario.requests[sample.request];
  ExampleRequest example;
  example.why = why_name(sample.why);
  example.request = request.name;
  example.user = sample.user;
  example.started_s = to_s(sample.started);
  example.latency_ms = to_ms(sample.latency);
  const bool completed = sample.outcome == FailureClass::none;
  example.outcome = completed ? "completed" : name_of(sample.outcome);
  for (const Span& span : sample.spans) {
    example.spans.push_back({std::string(name_of(span.kind)), span_name(scenario, request, span),
                             to_ms(span.start), to_ms(span.length)});
  }
  example.spans_left_out = sample.spans_left_out;
  return example;
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

void add_phases(Report& report, const Scenario& scenario, const Measurement& measured) {
  for (const PhaseColumn& phase : kPhases) {
    report.phases.*phase.summary = summarize(measured.phase_times.*phase.measured);
  }
  for (const ConnectPart& part : kConnectParts) {
    report.connect_phases.*part.summary = summarize(measured.connect_phases.*part.measured);
  }
  for (const RequestSample& sample : measured.samples) {
    if (sample.request >= scenario.requests.size()) continue;
    report.samples.push_back(example_of(scenario, sample));
  }
}

void write_phases(Json& root, const Report& report, Json (*summary)(const LatencySummary&)) {
  root["breakdown_residual"] = rounded(as_written(report.breakdown_ms).residual());
  Json& phases = root["phases_ms"] = Json::object();
  for (const PhaseColumn& phase : kPhases)
    phases[phase.name] = summary(report.phases.*phase.summary);
  Json& connecting = root["connect_phases_ms"] = Json::object();
  for (const ConnectPart& part : kConnectParts) {
    connecting[part.name] = summary(report.connect_phases.*part.summary);
  }
  Json& samples = root["samples"] = Json::array();
  for (const ExampleRequest& example : report.samples) samples.push_back(example_json(example));
}

void read_phases(Report& report, const JsonNode& root, LatencySummary (*summary)(const JsonNode&)) {
  const JsonNode phases = root["phases_ms"];
  for (const PhaseColumn& phase : kPhases) {
    if (!phases.is_null()) report.phases.*phase.summary = summary(phases[phase.name]);
  }
  const JsonNode connecting = root["connect_phases_ms"];
  for (const ConnectPart& part : kConnectParts) {
    if (!connecting.is_null()) report.connect_phases.*part.summary = summary(connecting[part.name]);
  }
  const JsonNode samples = root["samples"];
  if (samples.is_null()) return;
  for (const JsonNode& sample : samples.items()) report.samples.push_back(read_example(sample));
}

}  // namespace poolgauge
