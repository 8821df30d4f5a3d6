// Phases and example requests from the measurement.
#include "assess/describe.h"

namespace poolgauge {
namespace {

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

}  // namespace

void add_phases(Report& report, const Scenario& scenario, const Measurement& measured) {
  for (const PhaseColumn& phase : kPhaseColumns) {
    report.phases.*phase.summary = summarize(measured.phase_times.*phase.measured);
  }
  for (const ConnectPart& part : kConnectColumns) {
    report.connect_phases.*part.summary = summarize(measured.connect_phases.*part.measured);
  }
  for (const RequestSample& sample : measured.samples) {
    if (sample.request >= scenario.requests.size()) continue;
    report.samples.push_back(example_of(scenario, sample));
  }
}

}  // namespace poolgauge
