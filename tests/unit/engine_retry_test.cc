// Requests that are tried again, in front of a scripted server.
#include "engine/user.h"

#include <algorithm>

#include "engine_requests.h"

namespace poolgauge {
namespace {

using namespace test;

RetrySpec retry_of(std::uint32_t max, Duration backoff) {
  RetrySpec retry;
  retry.on = {SqlState{"40001"}, SqlState{"40P01"}};
  retry.max = max;
  retry.backoff = FixedDuration{backoff};
  return retry;
}

TEST_CASE("a retry gives the connection back, waits, and does the whole request again",
          "[user][retry]") {
  Scenario scenario = scenario_of({sql_step("a"), sql_step("b")}, TransactionMode::read_write);
  scenario.requests[0].retry = retry_of(3, 10ms);
  set_pool(scenario, 1, 0);
  EngineWorld world(scenario);
  world.server.exchange_takes = 1ms;
  world.server.replies["step1"] = {{FailureClass::serialization, "40001"},
                                   {FailureClass::deadlock, "40P01"}};
  // The second uses the connection while the first one waits.
  run_requests(world, {0ms, 5ms});
  CHECK(world.server.log ==
        Log{"connect 1", "begin 1", "step0 1", "step1 1", "rollback 1",  // until 4
            "begin 1", "step0 1", "step1 1", "rollback 1",               // the second's, until 9
            "begin 1", "step0 1", "step1 1", "commit 1",                 // the first again, from 14
            "begin 1", "step0 1", "step1 1", "commit 1"});               // the second, from 19
  const Measurement& m = world.measured();
  CHECK(m.requests.completed == 2);
  CHECK(m.requests.failed == 0);
  CHECK(m.failures.empty());
  CHECK(m.retries.requests == 2);
  CHECK(m.retries.completed == 2);
  REQUIRE(m.retries.causes.size() == 2);
  CHECK(m.retries.causes[0].sqlstate == "40001");
  CHECK(m.retries.causes[1].count == 1);
  CHECK(m.latency.min() == 18ms);
  CHECK(m.latency.max() == 18ms);
  CHECK(m.phases.backoff_ns == 20e6);
  CHECK(m.phases.other_ns == 0);
  CHECK(m.connection_time.max() == 8ms);
  CHECK(m.pool_wait.count() == 4);
  world.recorder.finish();
  REQUIRE_FALSE(m.samples.empty());
  const std::vector<Span>& spans = m.samples[0].spans;
  const auto waited = std::find_if(spans.begin(), spans.end(),
                                   [](const Span& span) { return span.kind == SpanKind::backoff; });
  REQUIRE(waited != spans.end());
  CHECK(waited->length == 10ms);
}

TEST_CASE("each back-off is longer than the one before; the last failure is the request's",
          "[user][retry]") {
  Scenario scenario = scenario_of({sql_step("a")});
  scenario.requests[0].retry = retry_of(3, 10ms);
  EngineWorld world(scenario);
  for (int i = 0; i < 4; ++i) {
    world.server.replies["step0"].push_back({FailureClass::serialization, "40001"});
  }
  run_requests(world, {0ms});
  CHECK(world.now() == 10ms + 20ms + 40ms);
  const Measurement& m = world.measured();
  CHECK(m.requests.failed == 1);
  CHECK(only_failure(world).sqlstate == "40001");
  CHECK(only_failure(world).example == "failed: step0");
  CHECK(m.retries.requests == 1);
  CHECK(m.retries.completed == 0);
  REQUIRE(m.retries.causes.size() == 1);
  CHECK(m.retries.causes[0].count == 3);
}

TEST_CASE("what is not in the list is not tried again, nor is anything unless asked",
          "[user][retry]") {
  const bool asked = GENERATE(true, false);
  Scenario scenario = scenario_of({sql_step("a")});
  if (asked) scenario.requests[0].retry = retry_of(3, 10ms);
  EngineWorld world(scenario);
  const char* state = asked ? "23505" : "40001";
  world.server.replies["step0"] = {{FailureClass::sql_error, state}};
  run_requests(world, {0ms});
  CHECK(only_failure(world).sqlstate == state);
  CHECK(world.measured().retries.requests == 0);
  CHECK(world.measured().retries.causes.empty());
}

TEST_CASE("the deadline counts from the intended start, over all attempts", "[user][retry]") {
  const bool in_back_off = GENERATE(true, false);
  Scenario scenario = scenario_of({sql_step("a")}, TransactionMode::read_write);
  scenario.requests[0].retry = retry_of(9, in_back_off ? 50ms : 5ms);
  scenario.deadline = 30ms;
  EngineWorld world(scenario);
  world.server.exchange_takes = 2ms;
  world.server.replies["step0"] = {{FailureClass::deadlock, "40P01"},
                                   {FailureClass::none, "", false, 1s}};
  run_requests(world, {0ms});
  CHECK(world.now() == 30ms);
  CHECK(only_failure(world).failure == FailureClass::deadline);
  CHECK(only_failure(world).phase == Phase::deadline);
  CHECK(world.measured().requests.failed == 1);
  CHECK(world.measured().retries.requests == 1);
}

TEST_CASE("a run that ends in a back-off leaves the request in flight", "[user][retry]") {
  Scenario scenario = scenario_of({sql_step("a")});
  scenario.requests[0].retry = retry_of(3, 1s);
  EngineWorld world(scenario);
  world.server.replies["step0"] = {{FailureClass::deadlock, "40P01"}};
  world.scope.spawn(stop_at(world, at(100ms), false));
  run_requests(world, {0ms});
  CHECK(world.now() == 100ms);
  CHECK(world.measured().requests.in_flight == 1);
  CHECK(world.measured().requests.failed == 0);
}

}  // namespace
}  // namespace poolgauge
