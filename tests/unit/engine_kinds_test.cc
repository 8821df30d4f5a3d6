// Requests by kind: counts, failures and latencies, and those under way when a run is looked at.
#include "engine/recorder.h"

#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;

struct TwoKinds {
  explicit TwoKinds(const std::vector<std::string>& goals = {}) {
    scenario.requests.push_back(scenario.requests[0]);
    scenario.requests[0].name = "browse";
    scenario.requests[1].name = "buy";
    for (const std::string& request : goals) {
      Goal goal;
      goal.text = "p95(latency) < 1s for request " + request;
      goal.request = request;
      goal.value = 1;
      scenario.goals.push_back(goal);
    }
    recorder.emplace(scenario, at(1000ms), at(3000ms));
  }
  RequestTrace trace(std::uint32_t request, Duration intended) {
    RequestTrace trace;
    trace.steps.resize(1);
    trace.reset(request, at(intended), at(intended));
    return trace;
  }
  void complete(std::uint32_t request, Duration intended, Duration now) {
    recorder->completed(at(now), trace(request, intended));
  }
  void fail(std::uint32_t request, Duration intended, Duration now, FailureClass failure) {
    Outcome outcome;
    outcome.failure = failure;
    recorder->failed(at(now), trace(request, intended), Phase::step, outcome, "");
  }
  Scenario scenario = scenario_of({sql_step("a")});
  std::optional<Recorder> recorder;
};

TEST_CASE("kinds of request add up to all requests", "[kinds]") {
  TwoKinds books;
  books.complete(0, 900ms, 950ms);  // warm-up
  books.complete(0, 1000ms, 1010ms);
  books.complete(1, 1000ms, 1500ms);
  books.complete(1, 2000ms, 2700ms);
  books.fail(0, 1000ms, 1100ms, FailureClass::pool_timeout);
  books.fail(0, 1000ms, 1200ms, FailureClass::sql_error);
  books.fail(0, 1000ms, 2200ms, FailureClass::sql_error);
  books.complete(1, 2000ms, 3500ms);  // in flight at the end
  const Measurement& m = books.recorder->measured();
  REQUIRE(m.kinds.size() == 2);
  CHECK(m.kinds[0].completed == 1);
  CHECK(m.kinds[0].failed() == 3);
  REQUIRE(m.kinds[0].failures.size() == 2);
  CHECK(m.kinds[0].failures[1].failure == FailureClass::sql_error);
  CHECK(m.kinds[0].failures[1].count == 2);
  CHECK(m.kinds[1].completed == 2);
  CHECK(m.kinds[1].failed() == 0);
  CHECK(m.kinds[0].latency.max() == 10ms);
  CHECK(m.kinds[1].latency.max() == 700ms);
  CHECK(m.kinds[1].latency.min() == 500ms);
  CHECK(m.kinds[0].completed + m.kinds[1].completed == m.requests.completed);
  CHECK(m.kinds[0].failed() + m.kinds[1].failed() == m.requests.failed);
  CHECK(m.in_flight.requests[1].max() == 1000ms);

  Measurement both = m;
  both.merge(m);
  CHECK(both.kinds[0].failures[1].count == 4);
  CHECK(both.kinds[1].latency.count() == 4);
  REQUIRE(both.slices.size() == m.slices.size());
  Histogram slices;
  for (const Slice& slice : both.slices) {
    for (const PackedAt& kind : slice.kinds) REQUIRE(slices.merge(kind.values));
  }
  CHECK(slices.count() == 6);
}

TEST_CASE("with one kind its latency is that of all, kept once", "[kinds]") {
  const Scenario scenario = scenario_of({sql_step("a")});
  Recorder recorder(scenario, at(0ms), at(1000ms));
  RequestTrace trace;
  trace.steps.resize(1);
  trace.reset(0, at(0ms), at(0ms));
  recorder.completed(at(10ms), trace);
  CHECK(recorder.measured().kinds.at(0).completed == 1);
  CHECK(recorder.measured().kinds.at(0).latency.empty());
  CHECK(recorder.measured().latency.count() == 1);
}

TEST_CASE("a look counts what is under way, and leaves the books alone", "[kinds]") {
  TwoKinds books({"browse", "buy"});
  RequestTrace waiting = books.trace(1, 1200ms);
  CHECK(waiting.under_way);
  waiting.asked = at(1300ms);
  Measurement so_far = books.recorder->measured();
  books.recorder->add_under_way(so_far, waiting, at(2000ms));
  CHECK(so_far.requests.in_flight == 1);
  CHECK(so_far.in_flight.latency.max() == 800ms);
  CHECK(so_far.in_flight.pool_wait.max() == 700ms);
  CHECK(so_far.in_flight.requests[1].max() == 800ms);
  CHECK(so_far.tracks.at(0).whole.ages.empty());
  CHECK(so_far.tracks.at(1).whole.ages.max() == 800ms);
  CHECK(books.recorder->measured().in_flight.latency.empty());
  CHECK(books.recorder->measured().requests.in_flight == 0);
}

}  // namespace
}  // namespace poolgauge
