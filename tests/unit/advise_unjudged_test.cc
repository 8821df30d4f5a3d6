// Failures, requests that never end and queues that only grow: no run passes with them unless a
// goal says how many may be.
#include "assess/verdict.h"

#include <catch2/catch.hpp>

#include "advise/score.h"
#include "advise/search.h"

namespace poolgauge {
namespace {

Goal rate_goal(const std::string& failure, const std::string& request = "") {
  Goal goal;
  goal.text = "rate(" + failure + ") <= 5%";
  goal.statistic = GoalStatistic::rate;
  goal.metric = GoalMetric::none;
  goal.failure = failure;
  goal.request = request;
  goal.op = GoalOp::less_equal;
  goal.value = 0.05;
  return goal;
}

Goal latency_goal() {
  Goal goal;
  goal.text = "p95(latency) < 1s";
  goal.value = 1;
  return goal;
}

Goal throughput_goal() {
  Goal goal;
  goal.text = "throughput >= 400/s";
  goal.statistic = GoalStatistic::throughput;
  goal.metric = GoalMetric::none;
  goal.op = GoalOp::greater_equal;
  goal.value = 400;
  return goal;
}

/// Two kinds; of the first so many statement timeouts.
Report failing(std::uint64_t failed, std::uint64_t completed) {
  Report report;
  report.requests.completed = completed;
  report.requests.failed = failed;
  report.latency.count = completed;
  report.failures = {{Phase::step, FailureClass::statement_timeout, "57014", failed, ""}};
  report.kinds.resize(2);
  report.kinds[0].request = "browse";
  report.kinds[0].completed = completed / 2;
  report.kinds[0].failed = failed;
  report.kinds[0].failures = {{FailureClass::statement_timeout, failed}};
  report.kinds[1].request = "buy";
  report.kinds[1].completed = completed - completed / 2;
  return report;
}

bool passes(const Report& report, const std::vector<Goal>& goals, bool open_load = false) {
  return unjudged(report, goals, open_load).empty();
}

TEST_CASE("14 failed of 189 and only a goal on the latency", "[unjudged]") {
  const Report report = failing(14, 175);
  const auto found = unjudged(report, {latency_goal()}, false);
  REQUIRE(found.size() == 1);
  CHECK(
      found[0] ==
      "14 of the 189 finished requests failed (7.41 %, all statement_timeout), and no goal limits "
      "failures: fix the cause, or accept the failures with the goal \"rate(statement_timeout) <= "
      "8%\"");
  CHECK_FALSE(passes(report, {}));
}

TEST_CASE("up to one in a hundred may fail without a goal", "[unjudged]") {
  CHECK(passes(failing(1, 99), {}));
  CHECK(passes(failing(0, 0), {}));
  CHECK_FALSE(passes(failing(2, 98), {}));
}

TEST_CASE("a goal is on the failures of its class and kind of request", "[unjudged]") {
  const Report report = failing(14, 175);
  CHECK(passes(report, {rate_goal("error")}));
  CHECK(passes(report, {rate_goal("statement_timeout")}));
  CHECK(passes(report, {rate_goal("error", "browse")}));
  CHECK_FALSE(passes(report, {rate_goal("pool_timeout")}));
  CHECK_FALSE(passes(report, {rate_goal("error", "buy")}));
  CHECK_FALSE(passes(report, {throughput_goal()}));
  // Reports of versions without kinds of request do not tell whose they are.
  Report old = report;
  old.kinds.clear();
  CHECK(passes(old, {rate_goal("error", "buy")}));
  CHECK_FALSE(passes(old, {latency_goal()}));
}

TEST_CASE("failures of several classes are accepted by a goal on all", "[unjudged]") {
  Report report = failing(10, 170);
  report.requests.failed += 9;
  report.kinds[1].failures = {{FailureClass::connection_lost, 9}};
  const auto found = unjudged(report, {}, false);
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("\"rate(error) <= 11%\"") != std::string::npos);
  CHECK(found[0].find("all statement_timeout") == std::string::npos);
}

/// One completed; so many in flight, older than it.
Report never_ending(std::uint64_t stuck, std::uint64_t completed, double oldest_ms) {
  Report report;
  report.requests.completed = completed;
  report.requests.in_flight = stuck;
  report.latency.count = completed;
  report.latency.max = 20;
  report.in_flight.ages.count = stuck;
  report.in_flight.ages.max = oldest_ms;
  report.in_flight.older_than_completed = stuck;
  return report;
}

TEST_CASE("390 of 391 requests never end and the only goal is on errors", "[unjudged]") {
  const Report report = never_ending(390, 1, 7960);
  const auto found = unjudged(report, {rate_goal("error")}, true);
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("390 of the 391 requests were still in flight at the end"));
  CHECK(passes(report, {latency_goal()}, true));
  CHECK_FALSE(passes(report, {throughput_goal()}, true));
  // The oldest of a few is always older than the rest.
  CHECK(passes(never_ending(390, 1, 30), {rate_goal("error")}, true));
  CHECK(passes(never_ending(5, 1000, 7960), {rate_goal("error")}, true));
}

Report backlog() {
  Report report;
  report.throughput_per_s = 498.3;
  for (int i = 1; i <= 8; ++i) {
    SeriesPoint point;
    point.t_s = i;
    point.completed = 500;
    point.waiting = static_cast<std::uint32_t>(500 + 500 * i);
    report.timeline.push_back(point);
  }
  report.requests.completed = 4000;
  report.latency.count = 4000;
  return report;
}

TEST_CASE("half of the arrivals are never served and the only goal is on errors", "[unjudged]") {
  const auto found = unjudged(backlog(), {rate_goal("error"), latency_goal()}, true);
  REQUIRE(found.size() == 1);
  CHECK(found[0] ==
        "the wait queue kept growing, from 1,000 to 4,500 requests (500/s; 50 % of the arrivals "
        "were not served), so a longer run would fail: lower the rate, remove the bottleneck, or "
        "accept it with the goal \"throughput >= 490/s\"");
  CHECK(passes(backlog(), {throughput_goal()}, true));
  CHECK(passes(backlog(), {}, false));  // users who wait do not arrive
}

TEST_CASE("such a run is inconclusive, unless a goal was missed", "[unjudged]") {
  JudgedGoal met;
  met.result.met = true;
  Circumstances c;
  c.completed = c.ended = 100;
  c.unjudged = {"the queue only grew"};
  const Verdict verdict = decide({met}, c);
  CHECK(verdict.status == VerdictStatus::inconclusive);
  CHECK(verdict.exit_code == 12);
  CHECK(verdict.reasons == c.unjudged);
  CHECK(verdict.unjudged == c.unjudged);
  JudgedGoal missed;
  missed.outcome = GoalOutcome::missed;
  missed.reason = "missed";
  CHECK(decide({met, missed}, c).exit_code == 10);
}

TEST_CASE("a search counts failures and queues that its goals leave open", "[unjudged]") {
  Scenario scenario;
  scenario.requests.resize(1);
  scenario.load = OpenLoad{};
  scenario.goals = {latency_goal()};
  Measurement m;
  m.window = std::chrono::seconds(8);
  m.requests.completed = 900;
  m.requests.failed = 100;
  m.kinds.resize(1);
  m.kinds[0].completed = 900;
  m.kinds[0].failures = {{FailureClass::pool_timeout, 100}};
  const auto open = unjudged_scores(scenario, m, 1);
  REQUIRE(open.size() == 2);
  CHECK(open[0] > 2);
  CHECK(open[1] == -kFarScore);
  scenario.goals = {rate_goal("pool_timeout")};
  CHECK(unjudged_scores(scenario, m, 1).at(0) < 0);
  scenario.goals = {rate_goal("error"), throughput_goal()};
  CHECK(unjudged_scores(scenario, m, 1).empty());
  CHECK(goal_scores(scenario, m).size() == 2);
}

}  // namespace
}  // namespace poolgauge
