// Requests that never end and seconds without a completion: no such run may pass, and none of its
// twins without the fault may fail. On the virtual clock, from the engine to the verdict.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "stall_cases.h"

namespace poolgauge::test {
namespace {

Report judged_run(Scenario scenario, const std::vector<std::string>& goals, const StallPlan& plan) {
  for (const std::string& text : goals) scenario.goals.push_back(goal_of(text));
  const Measurement measured = run_stalling(scenario, plan);
  check_identities(measured);
  CHECK(measured.in_flight.latency.count() == measured.requests.in_flight);
  RunFacts facts;
  facts.started_at = "2026-01-31T12:00:00Z";
  return make_report(scenario, measured, facts);
}

bool found(const Report& report, const std::string& id) {
  return std::any_of(report.diagnosis.begin(), report.diagnosis.end(),
                     [&id](const Finding& finding) { return finding.finding == id; });
}

struct Fault {
  const char* name;
  StallPlan plan;         ///< from the begin of the load: 1 s before the window
  double slow_share = 0;  ///< of requests that never end
  const char* goal = "p95(latency) < 1s";
  bool stalls = false;
};

std::vector<Fault> faults() {
  return {{"locked from second 1 on",
           {TimePoint{1950ms}, TimePoint::max()},
           0,
           "p95(latency) < 1s",
           true},
          {"locked from second 5 on",
           {TimePoint{5950ms}, TimePoint::max()},
           0,
           "p95(latency) < 1s",
           true},
          {"frozen for three seconds",
           {TimePoint{2950ms}, TimePoint{6s}, true},
           0,
           "p95(latency) < 1s",
           true},
          {"10 % never end", {}, 0.10, "p95(latency) < 1s"},
          {"5 % never end", {}, 0.05, "p99(latency) < 1s"},
          {"1 % never end", {}, 0.01, "p999(latency) < 1s"}};
}

TEST_CASE("no run in which requests never end passes, and no twin of it fails", "[in_flight]") {
  for (const Fault& fault : faults()) {
    for (const LoadCase& who : usual_loads(600, 800)) {
      INFO(fault.name << ", " << who.name);
      const Report report =
          judged_run(quick_and_slow(who.load, who.size, fault.slow_share, std::chrono::hours(1)),
                     {fault.goal}, fault.plan);
      INFO((report.verdict.reasons.empty() ? "" : report.verdict.reasons.front()));
      CHECK((report.verdict.exit_code == 10 || report.verdict.exit_code == 12));
      CHECK_FALSE(report.verdict.reasons.empty());
      CHECK_FALSE(report.verdict.goals[0].met);
      if (fault.stalls) CHECK(found(report, "no_completions"));

      const Report twin =
          judged_run(quick_and_slow(who.load, who.size, fault.slow_share, 20ms), {fault.goal}, {});
      INFO((twin.verdict.reasons.empty() ? "" : twin.verdict.reasons.front()));
      CHECK(twin.verdict.exit_code == 0);
      CHECK(twin.stalls.empty());
      CHECK_FALSE(found(twin, "no_completions"));
      CHECK_FALSE(found(twin, "stuck_requests"));
    }
  }
}

TEST_CASE("narrowed goals see requests in flight, too", "[in_flight]") {
  const std::vector<std::string> goals = {
      "p95(latency) < 1s over 3s", "p95(latency) < 1s for request slow", "p95(response) < 1s",
      "p95(step:slow.timed) < 1s", "p95(latency) < 1s over 2s for request slow"};
  for (const std::string& goal : goals) {
    INFO(goal);
    const Report report =
        judged_run(quick_and_slow(rate(400), 800, 0.2, std::chrono::hours(1)), {goal}, {});
    CHECK(report.verdict.exit_code == 10);
    const Report twin = judged_run(quick_and_slow(rate(400), 800, 0.2, 20ms), {goal}, {});
    CHECK(twin.verdict.exit_code == 0);
  }
  const StallPlan locked{TimePoint{1950ms}, TimePoint::max()};
  const Scenario queueing = quick_and_slow(users(100), 15, 0, 0s);
  CHECK(judged_run(queueing, {"p95(pool_wait) < 1s"}, locked).verdict.exit_code != 0);
  CHECK(judged_run(queueing, {"p95(pool_wait) < 1s over 2s"}, locked).verdict.exit_code == 10);
  CHECK(judged_run(queueing, {"max(latency) < 1s"}, locked).verdict.exit_code == 10);
  CHECK(judged_run(queueing, {"mean(latency) < 500ms"}, locked).verdict.exit_code != 0);
  CHECK(judged_run(queueing, {"p95(pool_wait) < 1s", "max(latency) < 1s"}, {}).verdict.exit_code ==
        0);
}

TEST_CASE("a window in which nearly everything stood still is inconclusive at best",
          "[in_flight]") {
  const StallPlan locked{TimePoint{1950ms}, TimePoint::max()};
  const Scenario scenario = quick_and_slow(users(15), 15, 0, 0s);
  for (const std::vector<std::string>& goals :
       {std::vector<std::string>{}, {"rate(error) <= 1%"}, {"throughput > 1/s"}}) {
    const Report report = judged_run(scenario, goals, locked);
    CHECK(report.verdict.exit_code == 12);
    REQUIRE_FALSE(report.verdict.reasons.empty());
    CHECK(report.verdict.reasons[0].find("no request completed from 1.0 s to 8.0 s") == 0);
    REQUIRE(found(report, "no_completions"));
    CHECK(report.diagnosis[0].finding == "no_completions");
    CHECK(judged_run(scenario, goals, {}).verdict.exit_code == 0);
  }
}

TEST_CASE("a percentile out of reach is unknown, with what it is at least", "[in_flight]") {
  const Report report = judged_run(quick_and_slow(rate(400), 800, 0.1, std::chrono::hours(1)),
                                   {"p95(latency) < 1s"}, {});
  CHECK(report.latency.p50);
  CHECK_FALSE(report.latency.p95);
  REQUIRE(report.latency.p95.at_least);
  CHECK(*report.latency.p95.at_least > 8000);
  CHECK(*report.latency.max < 1000);
  CHECK(*report.latency.max.at_least == *report.latency.p95.at_least);
  CHECK(*report.latency.mean.at_least > *report.latency.mean);
  const GoalResult& goal = report.verdict.goals[0];
  CHECK_FALSE(goal.measured);
  CHECK(*goal.at_least * 1e3 == Approx(*report.latency.p95.at_least));
  CHECK(goal.judged());
  CHECK(*goal.margin < 0);
  CHECK(report.in_flight.older_than_completed > 200);
  REQUIRE_FALSE(report.in_flight.requests.empty());
  CHECK(report.in_flight.requests.back().request == "slow");
  CHECK(found(report, "stuck_requests"));
}

TEST_CASE("a share that never ends moves the percentiles to where they belong", "[in_flight]") {
  // 97 % are exponential with a mean of 100 ms: the p95 of all is 100 ms × ln(0.97 / 0.02).
  Scenario scenario = quick_and_slow(rate(50), 1000, 0.03, std::chrono::hours(1));
  for (RequestSpec& request : scenario.requests) request.steps.erase(request.steps.begin());
  scenario.requests[0].steps[0].time = ExponentialDuration{100ms};
  scenario.duration = 200s;
  const Report report = judged_run(scenario, {}, {});
  CHECK(*report.latency.p95 == Approx(100 * std::log(0.97 / 0.02)).epsilon(0.15));
  CHECK_FALSE(report.latency.p99);
  CHECK(*report.latency.p99.at_least > 190e3);
}

/// As scenarios/chat-100-before.json: 85 of 100 users always wait.
Scenario chat_100(Duration duration) {
  Scenario scenario = hold_scenario(LognormalDuration{150ms, 400ms}, 15, 0);
  scenario.load = users(100);
  scenario.warmup = 5s;
  scenario.duration = duration;
  return scenario;
}

TEST_CASE("ordinary queueing is untouched: 85 of 100 always wait", "[in_flight]") {
  // The limit lies a little above the long run's p95, so that a biased estimate would be over it.
  const std::vector<std::string> goals = {"p95(latency) < 1600ms", "p99(latency) < 2s",
                                          "p95(latency) < 1700ms over 10s",
                                          "p95(pool_wait) < 1500ms"};
  const Report longest = judged_run(chat_100(600s), goals, {});
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Scenario scenario = chat_100(20s);
    for (const std::string& text : goals) scenario.goals.push_back(goal_of(text));
    const Measurement measured = run_stalling(scenario, {}, seed);
    const Report report = make_report(scenario, measured, {});
    INFO((report.verdict.reasons.empty() ? "" : report.verdict.reasons.front()));
    CHECK(report.verdict.exit_code == 0);
    CHECK(report.requests.in_flight == 100);
    CHECK(report.stalls.empty());
    CHECK_FALSE(found(report, "stuck_requests"));
    CHECK(*report.latency.p95 == Approx(*longest.latency.p95).epsilon(0.1));
  }
}

}  // namespace
}  // namespace poolgauge::test
