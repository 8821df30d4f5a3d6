// Example requests: which are kept, and what their spans say.
#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;
using Why = RequestSample::Why;

struct Kept {
  Scenario scenario = scenario_of({sql_step("a")});
  Recorder recorder{scenario, at(1000ms), at(11000ms)};

  void complete(Duration intended, Duration latency, std::uint32_t user = 0) {
    RequestTrace trace = trace_of(intended, user);
    recorder.completed(at(intended + latency), trace);
  }
  void fail(Duration intended, Duration latency, std::uint32_t user = 0) {
    Outcome outcome;
    outcome.failure = FailureClass::deadlock;
    recorder.failed(at(intended + latency), trace_of(intended, user), Phase::step, outcome, "");
  }
  std::vector<RequestSample> samples(Why why) {
    recorder.finish();
    std::vector<RequestSample> chosen;
    for (const RequestSample& sample : recorder.measured().samples) {
      if (sample.why == why) chosen.push_back(sample);
    }
    return chosen;
  }

 private:
  static RequestTrace trace_of(Duration intended, std::uint32_t user) {
    RequestTrace trace;
    trace.user = user;
    trace.steps.resize(1);
    trace.spans.reserve(2);
    trace.reset(0, at(intended), at(intended));
    trace.span(SpanKind::pool_wait, 0, at(intended), at(intended + 1ms));
    return trace;
  }
};

TEST_CASE("the longest of the window are kept, and nothing of the warm-up", "[samples]") {
  Kept kept;
  kept.complete(100ms, 800ms);     // ended in the warm-up
  kept.complete(10500ms, 1000ms);  // ended after the window
  for (std::uint32_t i = 0; i < 100; ++i) {
    kept.complete(2000ms, std::chrono::milliseconds(1 + (i * 37) % 100), i);
  }
  const std::vector<RequestSample> slowest = kept.samples(Why::slowest);
  REQUIRE(slowest.size() == kSlowestSamples);
  for (std::size_t i = 0; i < slowest.size(); ++i) {
    CHECK(slowest[i].latency == std::chrono::milliseconds(100 - i));
    CHECK(slowest[i].started == 1000ms);
    REQUIRE(slowest[i].spans.size() == 1);
    CHECK(slowest[i].spans[0].length == 1ms);
  }
}

TEST_CASE("typical ones: the first after the middle of each fifth of the window", "[samples]") {
  Kept kept;
  for (int i = 0; i < 1000; ++i) kept.complete(1001ms + i * 10ms, 5ms);
  const std::vector<RequestSample> typical = kept.samples(Why::typical);
  REQUIRE(typical.size() == kTypicalSamples);
  for (std::size_t i = 0; i < typical.size(); ++i) {
    const Duration ended = typical[i].started + typical[i].latency;
    CHECK(typical[i].part == i);
    CHECK(ended >= 1000ms + 2000ms * i);
    CHECK(ended < 1010ms + 2000ms * i);
  }
}

TEST_CASE("where nothing ends, nothing is typical", "[samples]") {
  Kept kept;
  kept.complete(1100ms, 5ms);  // before the middle of the first part
  kept.complete(9000ms, 5ms);
  const std::vector<RequestSample> typical = kept.samples(Why::typical);
  REQUIRE(typical.size() == 1);
  CHECK(typical[0].started == 8000ms);
}

TEST_CASE("failed ones have places of their own and their class", "[samples]") {
  Kept kept;
  for (std::uint32_t i = 1; i <= 10; ++i) kept.fail(2000ms, std::chrono::milliseconds(i), i);
  kept.complete(2000ms, 1ms);
  const std::vector<RequestSample> failed = kept.samples(Why::failed);
  REQUIRE(failed.size() == kFailedSamples);
  CHECK(failed[0].user == 10);
  CHECK(failed[0].outcome == FailureClass::deadlock);
  CHECK(kept.samples(Why::slowest).size() == 1);
}

TEST_CASE("a trace without room counts what it leaves out", "[samples]") {
  RequestTrace trace;
  trace.spans.reserve(2);
  trace.reset(0, at(10ms), at(12ms));
  for (int i = 0; i < 5; ++i) trace.span(SpanKind::sql, 0, at(12ms), at(13ms));
  CHECK(trace.spans.size() == 2);
  CHECK(trace.spans_left_out == 3);
  CHECK(trace.spans[0].start == 2ms);
  trace.reset(0, at(20ms), at(20ms));
  CHECK(trace.spans.empty());
  CHECK(trace.spans_left_out == 0);
}

std::string text(const std::vector<Span>& spans) {
  std::string all;
  for (const Span& span : spans) {
    all += std::string(name_of(span.kind)) + std::to_string(span.place) + " " +
           std::to_string(to_ms(span.start)).substr(0, 4) + "+" +
           std::to_string(to_ms(span.length)).substr(0, 4) + "; ";
  }
  return all;
}

TEST_CASE("spans of a whole request: connecting is apart from waiting", "[samples]") {
  EngineWorld world(
      scenario_of({sql_step("a"), hold_step(30ms), sql_step("b")}, TransactionMode::read_write));
  world.server.connect_takes = 20ms;
  world.server.exchange_takes = 2ms;
  world.scope.spawn(run_request(world.seat(0), at(0ms)));
  world.run();
  world.recorder.finish();
  REQUIRE_FALSE(world.measured().samples.empty());
  const RequestSample& sample = world.measured().samples[0];
  CHECK(text(sample.spans) ==
        "connect0 0.00+20.0; begin0 20.0+2.00; sql0 22.0+2.00; hold1 24.0+30.0; "
        "sql2 54.0+2.00; commit0 56.0+2.00; reset0 58.0+0.00; ");
  CHECK(world.measured().phase_times.connect.max() == 20ms);
  CHECK(world.measured().phases.pool_wait_ns == 20e6);
  CHECK(world.measured().phases.other_ns == 0);
}

TEST_CASE("a connection made by the first exchange shows there", "[samples]") {
  Scenario scenario = scenario_of({sql_step("a")});
  scenario.deployment.pool = DeployedPool{};
  scenario.deployment.pool.kind = "rails";
  EngineWorld world(scenario);
  world.server.connect_takes = 20ms;
  world.server.exchange_takes = 2ms;
  world.scope.spawn(run_request(world.seat(0), at(0ms)));
  world.run();
  world.recorder.finish();
  REQUIRE_FALSE(world.measured().samples.empty());
  const std::string spans = text(world.measured().samples[0].spans);
  CHECK(spans.find("connect0 0.00+20.0; sql0 20.0+2.00; ") != std::string::npos);
  CHECK(world.measured().phase_times.connect.max() == 20ms);
  CHECK(world.measured().phase_times.sql.max() == 22ms);
}

TEST_CASE("a pause is three spans: back, away, and waiting again", "[samples]") {
  EngineWorld world(scenario_of({sql_step("a"), pause_step(100ms), sql_step("b")}));
  world.server.connect_takes = 5ms;
  world.server.exchange_takes = 1ms;
  world.scope.spawn(run_request(world.seat(0), at(0ms)));
  world.run();
  world.recorder.finish();
  REQUIRE_FALSE(world.measured().samples.empty());
  CHECK(text(world.measured().samples[0].spans) ==
        "connect0 0.00+5.00; sql0 5.00+1.00; reset0 6.00+0.00; pause1 6.00+100.; "
        "pool_wait0 106.+0.00; sql2 106.+1.00; reset0 107.+0.00; ");
}

TEST_CASE("a failed request's spans end where it failed", "[samples]") {
  EngineWorld world(scenario_of({sql_step("a"), sql_step("b"), sql_step("c")}));
  world.server.exchange_takes = 1ms;
  world.server.replies["step1"].push_back({FailureClass::sql_error});
  world.scope.spawn(run_request(world.seat(0), at(0ms)));
  world.run();
  world.recorder.finish();
  REQUIRE(world.measured().samples.size() == 1);
  const RequestSample& sample = world.measured().samples[0];
  CHECK(sample.outcome == FailureClass::sql_error);
  const std::string spans = text(sample.spans);
  CHECK(spans.find("sql1 1.00+1.00; reset0") != std::string::npos);
  CHECK(spans.find("sql2") == std::string::npos);
}

}  // namespace
}  // namespace poolgauge
