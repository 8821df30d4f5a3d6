// Goals and verdicts where requests were in flight: what their ages decide, and what they leave
// open.
#include <catch2/catch.hpp>
#include <cmath>

#include "advise/score.h"
#include "assess/goals.h"
#include "assess/verdict.h"

namespace poolgauge {
namespace {

Goal percentile_goal(GoalStatistic statistic, double limit_s, GoalOp op = GoalOp::less) {
  Goal goal;
  goal.text = "the goal";
  goal.statistic = statistic;
  goal.metric = GoalMetric::latency;
  goal.op = op;
  goal.value = limit_s;
  return goal;
}

/// So many completed in 100 ms; so many in flight for so long.
Measurement completed_and_aged(std::uint64_t completed, std::uint64_t in_flight, double age_ms) {
  Measurement m;
  m.window = std::chrono::seconds(10);
  m.requests.completed = completed;
  m.requests.in_flight = in_flight;
  m.latency.record_n(from_ms(100), completed);
  m.in_flight.latency.record_n(from_ms(age_ms), in_flight);
  return m;
}

JudgedGoal judged(const Goal& goal, const Measurement& measured) {
  Scenario scenario;
  scenario.requests.resize(1);
  scenario.goals = {goal};
  return judge_goals(scenario, measured).at(0);
}

TEST_CASE("a bound over the limit misses the goal, one within it leaves it open", "[in_flight]") {
  const Measurement m = completed_and_aged(900, 100, 7000);
  const JudgedGoal missed = judged(percentile_goal(GoalStatistic::p95, 1), m);
  CHECK(missed.outcome == GoalOutcome::missed);
  CHECK(missed.clearly_missed);
  CHECK_FALSE(missed.result.measured);
  CHECK(*missed.result.at_least == 7);
  CHECK(*missed.result.margin == -6);
  CHECK(missed.reason ==
        "the goal: more than 7.00 s: 100 of 1,000 had not finished, the oldest after 7.00 s");
  const JudgedGoal open = judged(percentile_goal(GoalStatistic::p95, 10), m);
  CHECK(open.outcome == GoalOutcome::unsupported);
  CHECK(*open.result.at_least == 7);
  CHECK_FALSE(open.result.margin);
  CHECK_FALSE(open.result.judged());
  CHECK(open.reason.find("100 of 1,000 had not finished") != std::string::npos);
  // A lower limit that the bound has passed already is open, too, but never missed.
  CHECK(judged(percentile_goal(GoalStatistic::p95, 1, GoalOp::greater), m).outcome !=
        GoalOutcome::missed);
}

TEST_CASE("where requests in flight cannot decide a goal nothing changes", "[in_flight]") {
  const Measurement few = completed_and_aged(900, 10, 7000);
  CHECK(judged(percentile_goal(GoalStatistic::p95, 1), few).outcome == GoalOutcome::met);
  CHECK(judged(percentile_goal(GoalStatistic::p95, 0.05), few).outcome == GoalOutcome::missed);
  const Measurement young = completed_and_aged(900, 300, 20);
  const JudgedGoal met = judged(percentile_goal(GoalStatistic::p95, 1), young);
  CHECK(met.outcome == GoalOutcome::met);
  CHECK(*met.result.measured == Approx(0.1).epsilon(1e-3));
  CHECK_FALSE(met.result.at_least);
}

TEST_CASE("a share at the edge of the percentile is not called met", "[in_flight]") {
  // 4.8 %: within 5 % by the estimate, but not beyond doubt.
  const JudgedGoal edge =
      judged(percentile_goal(GoalStatistic::p95, 1), completed_and_aged(952, 48, 7000));
  CHECK(edge.outcome == GoalOutcome::unsupported);
  CHECK(edge.reason.find("48 of 1,000 had not finished and had already taken longer") !=
        std::string::npos);
  CHECK(*edge.result.at_least == Approx(0.1).epsilon(1e-3));
}

TEST_CASE("mean and maximum are at least what the ages make them", "[in_flight]") {
  const Measurement m = completed_and_aged(900, 100, 7000);  // 0.79 s if all had ended
  CHECK(judged(percentile_goal(GoalStatistic::mean, 0.5), m).outcome == GoalOutcome::missed);
  CHECK(judged(percentile_goal(GoalStatistic::mean, 1), m).outcome == GoalOutcome::met);
  CHECK(judged(percentile_goal(GoalStatistic::max, 1), m).outcome == GoalOutcome::missed);
  const JudgedGoal max = judged(percentile_goal(GoalStatistic::max, 8), m);
  CHECK(max.outcome == GoalOutcome::met);
  CHECK(*max.result.measured == 7);
}

TEST_CASE("with nothing completed at all a bound still misses", "[in_flight]") {
  const Measurement m = completed_and_aged(0, 100, 7000);
  const JudgedGoal missed = judged(percentile_goal(GoalStatistic::p95, 1), m);
  CHECK(missed.outcome == GoalOutcome::missed);
  Circumstances c;
  c.window = m.window;
  CHECK(decide({missed}, c).exit_code == 10);
  // Too few to say anything of a p95: inconclusive, as always.
  CHECK(judged(percentile_goal(GoalStatistic::p95, 1), completed_and_aged(0, 10, 7000)).outcome ==
        GoalOutcome::unsupported);
}

TEST_CASE("a search sees a bound over the limit as a miss", "[in_flight]") {
  Scenario scenario;
  scenario.requests.resize(1);
  scenario.goals = {percentile_goal(GoalStatistic::p95, 1)};
  const std::vector<double> scores = goal_scores(scenario, completed_and_aged(900, 100, 7000));
  CHECK(scores.at(0) == Approx(std::log(7.0)));
}

Measurement stalled_window(std::vector<std::uint64_t> completed) {
  Measurement m;
  m.window = std::chrono::seconds(completed.size());
  for (const std::uint64_t count : completed) {
    SecondSample& second = m.series.emplace_back();
    second.completed = count;
    second.latency.record_n(from_ms(20), count);
    second.checked_out = 15;
    m.latency.record_n(from_ms(20), count);
    m.requests.completed += count;
  }
  return m;
}

TEST_CASE("a stall keeps a goal open where whoever came in it would have missed it",
          "[in_flight]") {
  const Measurement m = stalled_window({757, 0, 0, 0, 0, 0, 0, 0});
  const JudgedGoal open = judged(percentile_goal(GoalStatistic::p95, 1), m);
  CHECK(open.outcome == GoalOutcome::unsupported);
  CHECK(open.reason.find("no request completed from 1.0 s to 8.0 s") != std::string::npos);
  // One second of sixty: at most 1.7 % would have waited longer than nothing.
  std::vector<std::uint64_t> minute(60, 100);
  minute[30] = 0;
  CHECK(judged(percentile_goal(GoalStatistic::p95, 0.1), stalled_window(minute)).outcome ==
        GoalOutcome::met);
  CHECK(judged(percentile_goal(GoalStatistic::p99, 0.1), stalled_window(minute)).outcome ==
        GoalOutcome::unsupported);
}

TEST_CASE("a run that stood still for half of its time passes by no goal", "[in_flight]") {
  Circumstances c;
  c.completed = c.ended = 757;
  c.window = std::chrono::seconds(8);
  c.stalls = "no request completed from 1.0 s to 8.0 s";
  c.mostly_stalled = c.stalls + ": ...";
  CHECK(decide({}, c).exit_code == 12);
  JudgedGoal missed;
  missed.outcome = GoalOutcome::missed;
  missed.reason = "missed";
  const Verdict verdict = decide({missed}, c);
  CHECK(verdict.exit_code == 10);
  CHECK(verdict.reasons == std::vector<std::string>{"missed", c.stalls});
}

TEST_CASE("a saved report's bound decides as it did in the run", "[in_flight]") {
  Report report;
  report.latency.count = 900;
  report.latency.p50 = 100;
  report.latency.p95.at_least = 7000;
  report.latency.max = 100;
  report.latency.max.at_least = 7000;
  report.in_flight.ages.count = 100;
  report.in_flight.ages.max = 7000;
  const JudgedGoal missed = judge_saved(report, percentile_goal(GoalStatistic::p95, 1));
  CHECK(missed.outcome == GoalOutcome::missed);
  CHECK(judge_saved(report, percentile_goal(GoalStatistic::p95, 9)).outcome ==
        GoalOutcome::unsupported);
  CHECK(judge_saved(report, percentile_goal(GoalStatistic::p50, 1)).outcome == GoalOutcome::met);
  CHECK(judge_saved(report, percentile_goal(GoalStatistic::max, 1)).outcome == GoalOutcome::missed);
  // And what it has judged itself is taken from there.
  GoalResult kept;
  kept.goal = "the goal";
  kept.unit = "s";
  kept.at_least = 7;
  kept.limit = 1;
  kept.margin = -6;
  report.verdict.goals = {kept};
  const JudgedGoal before = judge_saved(report, percentile_goal(GoalStatistic::p95, 1));
  CHECK(before.outcome == GoalOutcome::missed);
  CHECK(before.reason == "the goal: more than 7.00 s");
}

}  // namespace
}  // namespace poolgauge
