// Goals: every statistic, metric and operator; too few values; rates that were never seen.
#include <catch2/catch.hpp>

#include "assess/goals.h"
#include "stats/interval.h"

namespace poolgauge {
namespace {

Histogram constant(std::uint64_t n, double ms) {
  Histogram histogram;
  histogram.record_n(from_ms(ms), n);
  return histogram;
}

Goal time_goal(GoalStatistic statistic, GoalMetric metric, GoalOp op, double seconds) {
  Goal goal;
  goal.text = "the goal";
  goal.statistic = statistic;
  goal.metric = metric;
  goal.op = op;
  goal.value = seconds;
  return goal;
}

Goal rate_goal(const std::string& failure, GoalOp op, double fraction) {
  Goal goal = time_goal(GoalStatistic::rate, GoalMetric::none, op, fraction);
  goal.failure = failure;
  return goal;
}

Goal step_goal(const std::string& step, double seconds) {
  Goal goal = time_goal(GoalStatistic::p95, GoalMetric::step, GoalOp::less, seconds);
  goal.step = step;
  return goal;
}

JudgedGoal judge(const Goal& goal, const Measurement& measured) {
  Scenario scenario;
  RequestSpec read, write;
  read.name = "read";
  write.name = "write";
  read.steps.resize(1);
  read.steps[0].name = "select";
  write.steps.resize(2);
  write.steps[0].name = "select";
  write.steps[1].name = "insert";
  scenario.requests = {read, write};
  scenario.goals = {goal};
  return judge_goals(scenario, measured).at(0);
}

Measurement thousand() {
  Measurement m;
  m.window = std::chrono::seconds(10);
  m.requests.completed = 1000;
  m.latency = constant(1000, 100);
  m.response = constant(1000, 90);
  m.pool_wait = constant(1000, 10);
  m.connect = constant(1000, 5);
  m.connection_time = constant(1000, 80);
  m.steps = {constant(1000, 1), constant(1000, 2), constant(1000, 3)};
  return m;
}

TEST_CASE("each operator decides at its limit") {
  Measurement m = thousand();
  m.latency = constant(1000, 64);  // a bucket's own value: exactly 64 ms
  const double at = to_s(m.latency.quantile(0.5));
  const auto met = [&](GoalOp op, double limit) {
    return judge(time_goal(GoalStatistic::p50, GoalMetric::latency, op, limit), m).result.met;
  };
  CHECK_FALSE(met(GoalOp::less, at));
  CHECK(met(GoalOp::less, at * 1.001));
  CHECK(met(GoalOp::less_equal, at));
  CHECK_FALSE(met(GoalOp::less_equal, at * 0.999));
  CHECK_FALSE(met(GoalOp::greater, at));
  CHECK(met(GoalOp::greater, at * 0.999));
  CHECK(met(GoalOp::greater_equal, at));
  CHECK_FALSE(met(GoalOp::greater_equal, at * 1.001));
}

TEST_CASE("each metric is read from its own histogram, in seconds") {
  const Measurement m = thousand();
  const std::pair<GoalMetric, double> cases[] = {{GoalMetric::latency, 0.1},
                                                 {GoalMetric::response, 0.09},
                                                 {GoalMetric::pool_wait, 0.01},
                                                 {GoalMetric::connect, 0.005},
                                                 {GoalMetric::connection_time, 0.08}};
  for (const auto& [metric, seconds] : cases) {
    const JudgedGoal judged = judge(time_goal(GoalStatistic::p95, metric, GoalOp::less, 1), m);
    CHECK(judged.result.unit == "s");
    CHECK(*judged.result.measured == Approx(seconds).epsilon(0.001));
    CHECK(judged.outcome == GoalOutcome::met);
    CHECK(judged.reason.empty());
    CHECK(judged.result.low.has_value());
    CHECK(*judged.result.low <= *judged.result.measured);
    CHECK(*judged.result.high >= *judged.result.measured);
  }
}

TEST_CASE("mean and max need one value; max has no interval") {
  Measurement m = thousand();
  m.latency.record(from_ms(2102));
  const JudgedGoal mean =
      judge(time_goal(GoalStatistic::mean, GoalMetric::latency, GoalOp::less, 1), m);
  CHECK(*mean.result.measured == Approx(0.102));
  CHECK(*mean.result.margin == Approx(0.898));
  // One value 2 s away from a thousand: sd = 2 / sqrt(1001), by sqrt(1001), times 1.96.
  CHECK(*mean.result.high - *mean.result.low == Approx(2 * 1.96 * 2 / 1001.0).epsilon(0.01));
  const JudgedGoal max =
      judge(time_goal(GoalStatistic::max, GoalMetric::latency, GoalOp::less, 1), m);
  CHECK(*max.result.measured == Approx(2.102));
  CHECK(max.outcome == GoalOutcome::missed);
  CHECK(max.reason == "the goal: was 2.10 s");
  CHECK_FALSE(max.result.low.has_value());
}

TEST_CASE("a step goal takes one request's step or every step of that name") {
  const Measurement m = thousand();
  CHECK(*judge(step_goal("insert", 1), m).result.measured == Approx(0.003).epsilon(0.001));
  CHECK(*judge(step_goal("write.select", 1), m).result.measured == Approx(0.002).epsilon(0.001));
  Goal both = step_goal("select", 1);
  both.statistic = GoalStatistic::mean;
  CHECK(*judge(both, m).result.measured == Approx(0.0015).epsilon(0.001));
  const JudgedGoal unknown = judge(step_goal("delete", 1), m);
  CHECK(unknown.outcome == GoalOutcome::unsupported);
}

TEST_CASE("a percentile is judged from the smallest supporting sample on") {
  const std::pair<GoalStatistic, std::uint64_t> cases[] = {{GoalStatistic::p50, 6},
                                                           {GoalStatistic::p90, 36},
                                                           {GoalStatistic::p95, 72},
                                                           {GoalStatistic::p99, 368},
                                                           {GoalStatistic::p999, 3688}};
  for (const auto& [statistic, needed] : cases) {
    const Goal goal = time_goal(statistic, GoalMetric::latency, GoalOp::less, 1);
    Measurement m = thousand();
    m.latency = constant(needed, 100);
    CHECK(judge(goal, m).outcome == GoalOutcome::met);
    m.latency = constant(needed - 1, 100);
    const JudgedGoal judged = judge(goal, m);
    CHECK(judged.outcome == GoalOutcome::unsupported);
    CHECK_FALSE(judged.result.measured.has_value());
    CHECK_FALSE(judged.result.met);
  }
}

TEST_CASE("a goal that cannot be judged says how many values and which duration would do") {
  Measurement m = thousand();
  m.latency = constant(250, 100);
  CHECK(judge(time_goal(GoalStatistic::p99, GoalMetric::latency, GoalOp::less, 1), m).reason ==
        "the goal: the sample is too small: 250 values, but 368 are needed; --duration "
        "17s would be enough at this rate");
  m.latency = Histogram{};
  CHECK(judge(time_goal(GoalStatistic::p50, GoalMetric::latency, GoalOp::less, 1), m).reason ==
        "the goal: no value was measured; use a longer --duration");
}

TEST_CASE("rates are fractions of the requests that ended") {
  Measurement m = thousand();
  m.requests.completed = 900;
  m.requests.failed = 100;
  m.requests.in_flight = 5000;  // not ended, so not counted
  m.failures = {{Phase::checkout, FailureClass::pool_timeout, "", 60, ""},
                {Phase::connect, FailureClass::pool_timeout, "", 10, ""},
                {Phase::deadline, FailureClass::deadline, "", 30, ""}};
  CHECK(*judge(rate_goal("pool_timeout", GoalOp::less, 0.1), m).result.measured == Approx(0.07));
  CHECK(*judge(rate_goal("deadline", GoalOp::less, 0.1), m).result.measured == Approx(0.03));
  CHECK(*judge(rate_goal("error", GoalOp::less, 0.1), m).result.measured == Approx(0.1));
  CHECK(*judge(rate_goal("deadlock", GoalOp::less, 0.1), m).result.measured == 0);
  CHECK(judge(rate_goal("error", GoalOp::less_equal, 0.1), m).result.met);
  const JudgedGoal missed = judge(rate_goal("error", GoalOp::less, 0.1), m);
  CHECK(missed.outcome == GoalOutcome::missed);
  CHECK(missed.result.unit == "fraction");
  CHECK_FALSE(missed.clearly_missed);
  CHECK(judge(rate_goal("error", GoalOp::less, 0.05), m).clearly_missed);
}

TEST_CASE("what was never seen is at most as frequent as the sample allows") {
  const JudgedGoal judged = judge(rate_goal("deadline", GoalOp::less_equal, 0.001), thousand());
  CHECK(*judged.result.measured == 0);
  CHECK(*judged.result.low == 0);
  CHECK(*judged.result.high == Approx(zero_events_upper_limit(1000)));
  CHECK(*judged.result.high == Approx(0.003).epsilon(0.01));
  CHECK(judged.result.met);
}

TEST_CASE("a rate of nothing cannot be judged") {
  Measurement m;
  m.window = std::chrono::seconds(1);
  const JudgedGoal judged = judge(rate_goal("error", GoalOp::less, 0.1), m);
  CHECK(judged.outcome == GoalOutcome::unsupported);
  CHECK_FALSE(judged.result.measured.has_value());
}

TEST_CASE("throughput is completed requests over the measured window") {
  Goal goal = time_goal(GoalStatistic::throughput, GoalMetric::none, GoalOp::greater_equal, 100);
  const JudgedGoal judged = judge(goal, thousand());
  CHECK(judged.result.met);
  CHECK(*judged.result.measured == Approx(100));
  CHECK(judged.result.unit == "1/s");
  goal.value = 101;
  CHECK(judge(goal, thousand()).reason == "the goal: was 100/s");
  Measurement nothing;
  CHECK(judge(goal, nothing).outcome == GoalOutcome::unsupported);
}

/// Ten seconds of 100 requests each; those of second `bad` took 500 ms, the others 100 ms.
Measurement with_track(const Goal& goal, std::size_t bad) {
  Measurement m = thousand();
  GoalTrack track;
  for (std::size_t second = 0; second < 10; ++second) {
    GoalTally tally{GoalTrack::kSecondBits};
    tally.completed = 100;
    tally.times.record_n(from_ms(second == bad ? 500 : 100), 100);
    if (goal.over > Duration{0}) {
      track.seconds.push_back(tally);
    } else {
      track.whole.completed += 100;
      track.whole.times.record_n(from_ms(second == bad ? 500 : 100), 100);
    }
  }
  m.tracks = {track};
  return m;
}

TEST_CASE("a goal over windows is judged by the worst of them") {
  Goal goal = time_goal(GoalStatistic::p95, GoalMetric::latency, GoalOp::less, 0.4);
  goal.over = std::chrono::seconds(2);
  const JudgedGoal judged = judge(goal, with_track(goal, 6));
  CHECK(judged.outcome == GoalOutcome::missed);
  CHECK(judged.beyond_doubt);
  CHECK(judged.result.windows == 9);
  CHECK(*judged.result.worst_at_s == 5);  // the first of the two windows that hold it
  CHECK(*judged.result.measured == Approx(0.5).epsilon(0.01));
  CHECK(*judged.result.margin == Approx(-0.1).epsilon(0.05));
  CHECK(judged.reason == "the goal: was 500 ms in the window starting at 5 s");
  // Over the whole run a tenth of the requests does not move the p90, and the p95 does.
  goal.statistic = GoalStatistic::p50;
  CHECK(judge(goal, with_track(goal, 6)).outcome == GoalOutcome::met);
}

TEST_CASE("the lowest throughput of any window counts where more is better") {
  Goal goal = time_goal(GoalStatistic::throughput, GoalMetric::none, GoalOp::greater, 90);
  goal.over = std::chrono::seconds(3);
  Measurement m = with_track(goal, 0);
  CHECK(judge(goal, m).outcome == GoalOutcome::met);
  m.tracks[0].seconds[4].completed = 40;
  const JudgedGoal judged = judge(goal, m);
  CHECK(judged.outcome == GoalOutcome::missed);
  CHECK(*judged.result.measured == Approx(80));
  CHECK(*judged.result.worst_at_s == 2);
}

TEST_CASE("a window with too few values is not passed, unless another one is missed") {
  Goal goal = time_goal(GoalStatistic::p95, GoalMetric::latency, GoalOp::less, 0.4);
  goal.over = std::chrono::seconds(1);
  Measurement m = with_track(goal, 99);
  m.tracks[0].seconds[3].times = constant(20, 100);
  m.tracks[0].seconds[3].times = Histogram{GoalTrack::kSecondBits};
  const JudgedGoal judged = judge(goal, m);
  CHECK(judged.outcome == GoalOutcome::unsupported);
  CHECK_FALSE(judged.result.measured.has_value());
  CHECK(judged.reason.find("1 of the 10 windows cannot be judged") != std::string::npos);
  m.tracks[0].seconds[7].times.record_n(from_ms(900), 100);
  CHECK(judge(goal, m).outcome == GoalOutcome::missed);
}

TEST_CASE("a run shorter than the window cannot be judged") {
  Goal goal = time_goal(GoalStatistic::p95, GoalMetric::latency, GoalOp::less, 0.4);
  goal.over = std::chrono::seconds(11);
  const JudgedGoal judged = judge(goal, with_track(goal, 99));
  CHECK(judged.outcome == GoalOutcome::unsupported);
  CHECK(judged.reason ==
        "the goal: no complete window of 11s was measured; use a longer --duration");
}

TEST_CASE("a goal for one request looks at that one's tally") {
  Goal goal = time_goal(GoalStatistic::max, GoalMetric::latency, GoalOp::less, 0.4);
  goal.request = "read";
  CHECK(judge(goal, with_track(goal, 99)).outcome == GoalOutcome::met);
  CHECK(judge(goal, with_track(goal, 3)).outcome == GoalOutcome::missed);
}

TEST_CASE("a run ends for a goal that is missed beyond doubt, once its grace has passed") {
  Scenario scenario;
  scenario.goals = {time_goal(GoalStatistic::p95, GoalMetric::latency, GoalOp::less, 0.05)};
  Measurement m = thousand();
  m.window = std::chrono::seconds(4);
  CHECK_FALSE(goal_that_ends_the_run(scenario, m));
  CHECK_FALSE(ends_early_by(scenario));
  scenario.goals[0].abort_on_fail = true;
  CHECK(goal_that_ends_the_run(scenario, m) == std::optional<std::string>("the goal"));
  scenario.goals[0].grace = std::chrono::seconds(5);
  CHECK_FALSE(goal_that_ends_the_run(scenario, m));
  m.window = std::chrono::seconds(5);
  CHECK(ends_early_by(scenario)(m).has_value());
  m.latency = constant(20, 100);  // too few values to be sure
  CHECK_FALSE(goal_that_ends_the_run(scenario, m));
  // The interval reaches over the limit: missed, but not beyond doubt.
  m.latency = constant(960, 40);
  m.latency.record_n(from_ms(60), 60);
  CHECK(judge(scenario.goals[0], m).outcome == GoalOutcome::missed);
  CHECK_FALSE(goal_that_ends_the_run(scenario, m));
}

TEST_CASE("throughput has an interval from its seconds") {
  Measurement m = thousand();
  for (const std::uint64_t n : {98U, 102U, 99U, 101U, 100U, 100U, 97U, 103U, 100U, 100U}) {
    SecondSample second;
    second.completed = n;
    m.series.push_back(second);
  }
  const JudgedGoal judged =
      judge(time_goal(GoalStatistic::throughput, GoalMetric::none, GoalOp::greater, 90), m);
  CHECK(*judged.result.low == Approx(98.7).epsilon(0.002));
  CHECK(*judged.result.high == Approx(101.3).epsilon(0.002));
  CHECK(*judged.result.margin == Approx(10));
  CHECK(*judged.result.limit == 90);
}

}  // namespace
}  // namespace poolgauge
