// Accounting: every request in exactly one bucket of exactly one window.
#include "engine/recorder.h"

#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;

struct Books {
  Scenario scenario = scenario_of({sql_step("a"), hold_step(1ms)});
  Recorder recorder{scenario, at(1000ms), at(3000ms)};
  const RequestCounts& counts() { return recorder.measured().requests; }

  RequestTrace trace(Duration intended, Duration started) {
    RequestTrace trace;
    trace.steps.resize(2);
    trace.reset(0, at(intended), at(started));
    return trace;
  }
  void complete(Duration intended, Duration now) {
    recorder.completed(at(now), trace(intended, intended));
  }
  void fail(Duration intended, Duration now, FailureClass failure, const char* text = "") {
    Outcome outcome;
    outcome.failure = failure;
    recorder.failed(at(now), trace(intended, intended), Phase::step, outcome, text);
  }
};

TEST_CASE("what ends at the window's begin counts, at its end does not", "[recorder]") {
  Books books;
  books.complete(999ms, 999ms);    // warm-up: nowhere
  books.complete(1000ms, 1000ms);  // in
  books.complete(2000ms, 2999ms);
  books.complete(2500ms, 3000ms);  // due in the window, ended after it: in flight
  CHECK(books.counts().completed == 2);
  CHECK(books.counts().in_flight == 1);
  CHECK(books.counts().carried_in == 0);
  CHECK(books.counts().scheduled() == 3);
  CHECK(books.recorder.measured().latency.count() == 2);
  CHECK(books.recorder.totals().completed == 4);
}

TEST_CASE("what was due before the window and ended in it is carried in", "[recorder]") {
  Books books;
  books.complete(900ms, 1500ms);
  books.fail(900ms, 1500ms, FailureClass::sql_error);
  books.fail(900ms, 3500ms, FailureClass::sql_error);  // from before, to after
  books.recorder.shed(at(1000ms), at(999ms));
  CHECK(books.counts().completed == 1);
  CHECK(books.counts().failed == 1);
  CHECK(books.counts().in_flight == 1);
  CHECK(books.counts().shed == 1);
  CHECK(books.counts().carried_in == 4);
  CHECK(books.counts().scheduled() == 4);
}

TEST_CASE("what is due at the window's end or later belongs to nobody", "[recorder]") {
  Books books;
  books.complete(3000ms, 3001ms);
  books.recorder.never_begun(at(3000ms));
  books.recorder.shed(at(3000ms), at(3000ms));
  books.fail(3100ms, 3200ms, FailureClass::stopped);
  CHECK(books.counts().scheduled() == 0);
}

TEST_CASE("abandoned and stopped requests are in flight; nothing failed", "[recorder]") {
  Books books;
  books.recorder.never_begun(at(2999ms));
  books.fail(2999ms, 3000ms, FailureClass::stopped, "never shown");
  books.recorder.shed(at(3001ms), at(2999ms));
  CHECK(books.counts().in_flight == 3);
  CHECK(books.counts().failed == 0);
  CHECK(books.counts().shed == 0);
  CHECK(books.recorder.measured().failures.empty());
  CHECK(books.recorder.totals().failed == 0);
}

TEST_CASE("latency is from the intended start, response time from the actual one", "[recorder]") {
  Books books;
  RequestTrace trace = books.trace(1100ms, 1150ms);
  trace.pool_wait = 20ms;
  trace.sql = 5ms;
  trace.hold = 30ms;
  trace.steps = {5ms, 30ms};
  trace.connection = 40ms;
  books.recorder.completed(at(1210ms), trace);
  const Measurement& m = books.recorder.measured();
  CHECK(m.latency.max() == 110ms);
  CHECK(m.response.max() == 60ms);
  CHECK(m.connection_time.max() == 40ms);
  CHECK(m.phases.start_ns == 50e6);
  CHECK(m.phases.other_ns == 5e6);
  CHECK(m.phase_times.start.max() == 50ms);
  CHECK(m.phase_times.hold.max() == 30ms);
  CHECK(m.phase_times.begin.empty());
  CHECK(m.steps[0].max() == 5ms);
  CHECK(m.steps[1].max() == 30ms);
}

TEST_CASE("failures by phase, class and SQLSTATE, each with its first message", "[recorder]") {
  Books books;
  Outcome outcome;
  outcome.failure = FailureClass::sql_error;
  outcome.sqlstate = SqlState{'2', '3', '5', '0', '5', '\0'};
  CHECK(books.recorder.wants_example(Phase::step, outcome));
  for (const char* text : {"", "first", "second"}) {
    books.recorder.failed(at(1200ms), books.trace(1100ms, 1100ms), Phase::step, outcome, text);
  }
  CHECK_FALSE(books.recorder.wants_example(Phase::step, outcome));
  CHECK(books.recorder.wants_example(Phase::commit, outcome));
  books.recorder.failed(at(1200ms), books.trace(1100ms, 1100ms), Phase::commit, outcome, "other");
  outcome.sqlstate[4] = '6';
  CHECK(books.recorder.wants_example(Phase::step, outcome));
  books.recorder.failed(at(1200ms), books.trace(1100ms, 1100ms), Phase::step, outcome, "third");
  const auto& failures = books.recorder.measured().failures;
  REQUIRE(failures.size() == 3);
  CHECK(failures[0].count == 3);
  CHECK(failures[0].example == "first");
  CHECK(failures[1].example == "other");
  CHECK(failures[2].sqlstate == "23506");
  CHECK(books.counts().failed == 5);
}

TEST_CASE("seconds of the window: each request in the one in which it ended", "[recorder]") {
  Books books;
  books.complete(1000ms, 1000ms);
  books.complete(1000ms, 1999ms);
  books.complete(1000ms, 2000ms);
  books.fail(1000ms, 2999ms, FailureClass::sql_error);
  const auto& series = books.recorder.measured().series;
  REQUIRE(series.size() == 2);
  CHECK(series[0].completed == 2);
  CHECK(series[1].completed == 1);
  CHECK(series[1].failed == 1);
  CHECK(series[0].latency.count() == 2);
}

TEST_CASE("an interrupted run counts only what was before the interruption", "[recorder]") {
  Books books;
  books.complete(1200ms, 1300ms);
  books.recorder.cut(at(1500ms));
  books.complete(1400ms, 1500ms);
  books.complete(1500ms, 1600ms);
  books.recorder.granted(at(1600ms), 5ms, 0);
  const Measurement& m = books.recorder.measured();
  CHECK(m.partial);
  CHECK(m.requests.completed == 1);
  CHECK(m.requests.in_flight == 1);
  CHECK(m.pool_wait.empty());
  CHECK(m.series.size() == 1);
  CHECK(books.recorder.end() == at(1500ms));
}

TEST_CASE("interrupted in the warm-up: an empty window; at the end: a whole one", "[recorder]") {
  Books early;
  early.recorder.begun(at(100ms));
  early.recorder.begun(at(200ms));
  early.complete(100ms, 150ms);
  early.recorder.cut(at(400ms));
  CHECK(early.recorder.measured().partial);
  CHECK(early.recorder.end() == at(400ms));
  CHECK(early.recorder.measured().series.empty());
  // What was planned for the rest of the warm-up never was, and what goes on is as old as it is.
  early.recorder.never_begun(at(700ms));
  early.complete(200ms, 900ms);
  CHECK(early.counts().not_started == 0);
  CHECK(early.counts().scheduled() == 1);
  CHECK(early.recorder.measured().in_flight.latency.max() == 200ms);
  CHECK(early.recorder.measured().ended_in_warmup == 1);
  early.recorder.check_books();
  Books late;
  late.recorder.cut(at(3000ms));
  CHECK_FALSE(late.recorder.measured().partial);
  CHECK(late.recorder.measured().series.size() == 2);
}

TEST_CASE("a window of a second and a half has two seconds", "[recorder]") {
  const Scenario scenario = scenario_of({sql_step("a")});
  Recorder recorder(scenario, at(0ms), at(1500ms));
  CHECK(recorder.measured().series.size() == 2);
}

TEST_CASE("waits and lags count only in the window", "[recorder]") {
  Books books;
  for (const Duration now : {999ms, 1000ms, 2999ms, 3000ms}) {
    books.recorder.granted(at(now), 1ms, 0);
    books.recorder.lag(at(now), 2ms);
  }
  CHECK(books.recorder.measured().pool_wait.count() == 2);
  CHECK(books.recorder.measured().client.schedule_lag.count() == 2);
}

}  // namespace
}  // namespace poolgauge
