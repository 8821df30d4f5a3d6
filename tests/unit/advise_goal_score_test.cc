// Goals as scores; goals that cannot be used together; goals that a run is too short for.
#include <catch2/catch.hpp>
#include <cmath>

#include "advise/score.h"
#include "assess/sentences.h"

using namespace poolgauge;

namespace {

Goal goal(const std::string& text, GoalStatistic statistic, GoalMetric metric, GoalOp op,
          double value) {
  Goal one;
  one.text = text;
  one.statistic = statistic;
  one.metric = metric;
  one.op = op;
  one.value = value;
  if (statistic == GoalStatistic::rate) one.failure = "pool_timeout";
  return one;
}

Goal latency_p95(double limit, GoalOp op = GoalOp::less) {
  return goal("p95", GoalStatistic::p95, GoalMetric::latency, op, limit);
}

Goal timeouts(double limit) {
  return goal("timeouts", GoalStatistic::rate, GoalMetric::none, GoalOp::less_equal, limit);
}

/// 1,000 requests of 100 ms, of which some timed out.
Measurement measured(std::uint64_t timed_out) {
  Measurement m;
  m.window = std::chrono::seconds(10);
  for (std::uint64_t i = timed_out; i < 1000; ++i) m.latency.record(std::chrono::milliseconds(100));
  m.requests.completed = 1000 - timed_out;
  m.requests.failed = timed_out;
  FailureCount failure;
  failure.failure = FailureClass::pool_timeout;
  failure.count = timed_out;
  if (timed_out > 0) m.failures.push_back(failure);
  return m;
}

double score(const Goal& one, const Measurement& m) {
  Scenario scenario;
  scenario.goals = {one};
  return goal_scores(scenario, m).front();
}

bool contains(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("A score is the distance from the limit, negative when met") {
  CHECK(score(latency_p95(0.2), measured(0)) == Approx(std::log(0.5)).epsilon(0.02));
  CHECK(score(latency_p95(0.05), measured(0)) == Approx(std::log(2)).epsilon(0.02));
  CHECK(score(latency_p95(0.05, GoalOp::greater), measured(0)) < 0);
  CHECK(score(latency_p95(100), measured(0)) == -3);
  CHECK(score(timeouts(0.01), measured(10)) == Approx(0).margin(0.06));
  CHECK(score(timeouts(0.01), measured(0)) < -2);
  CHECK(score(timeouts(0), measured(0)) < 0);
  CHECK(score(timeouts(0), measured(1)) > 0);
}

TEST_CASE("Nothing completed is far off, too few values say nothing") {
  CHECK(score(latency_p95(1), measured(1000)) == 3);
  Measurement few = measured(0);
  few.latency = Histogram{};
  few.latency.record(std::chrono::milliseconds(1));
  CHECK(std::isnan(score(latency_p95(1), few)));
}

TEST_CASE("Goals that cannot be used together are named") {
  const Goal at_least =
      goal("p50(latency) > 2s", GoalStatistic::p50, GoalMetric::latency, GoalOp::greater, 2);
  CHECK(contains(contradiction_of({latency_p95(1), at_least}), "p50(latency) > 2s"));
  CHECK(contradiction_of({latency_p95(3), at_least}).empty());
  Goal other = at_least;
  other.metric = GoalMetric::pool_wait;
  CHECK(contradiction_of({latency_p95(1), other}).empty());
  // The median may well be below what the 95th percentile must exceed.
  const Goal high = goal("p95 > 2s", GoalStatistic::p95, GoalMetric::latency, GoalOp::greater, 2);
  const Goal low = goal("p50 < 1s", GoalStatistic::p50, GoalMetric::latency, GoalOp::less, 1);
  CHECK(contradiction_of({high, low}).empty());
  const Goal one =
      goal("p95 >= 1s", GoalStatistic::p95, GoalMetric::latency, GoalOp::greater_equal, 1);
  CHECK(contradiction_of({one, latency_p95(1, GoalOp::less_equal)}).empty());
  CHECK_FALSE(contradiction_of({one, latency_p95(1)}).empty());
}

TEST_CASE("More throughput than arrives is a contradiction") {
  Scenario scenario;
  OpenLoad load;
  load.rate_per_s = 50;
  scenario.load = load;
  scenario.goals = {goal("throughput >= 60/s", GoalStatistic::throughput, GoalMetric::none,
                         GoalOp::greater_equal, 60)};
  CHECK(contains(contradiction_of(scenario), "arrival rate of 50.0/s"));
  scenario.goals[0].value = 40;
  CHECK(contradiction_of(scenario).empty());
}

TEST_CASE("A run too short for a goal says how long would do") {
  const TooShort none = too_short_for({latency_p95(1), timeouts(0.01)}, {100, 20}, 0.95);
  CHECK(none.quantiles.empty());
  CHECK(none.rates.empty());
  const Goal p99 = goal("p99", GoalStatistic::p99, GoalMetric::latency, GoalOp::less, 1);
  const TooShort percentile = too_short_for({p99}, {10, 5}, 0.95);
  REQUIRE(percentile.quantiles.size() == 1);
  CHECK(contains(percentile.quantiles[0], "needs 368: use --duration 41s"));
  // 0 % at 99.9 % confidence in 5 s.
  const TooShort zero = too_short_for({timeouts(0)}, {100, 5}, 0.999);
  REQUIRE(zero.rates.size() == 1);
  CHECK(contains(zero.rates[0], "no run can prove 0 %"));
  CHECK(contains(zero.rates[0], "at most 1.37 %"));
  CHECK(contains(zero.rates[0], "6,905 requests: use --duration 76s"));
  const TooShort small = too_short_for({timeouts(0.001)}, {20, 20}, 0.95);
  REQUIRE(small.rates.size() == 1);
  CHECK(contains(small.rates[0], "2,995 requests are needed: use --duration 165s"));
  CHECK(small.open_rates == 1);
  CHECK(zero.open_rates == 0);
  // Three runs together show what one of them cannot.
  const TooShort three = too_short_for({timeouts(0.001)}, {20, 20, 3}, 0.95);
  REQUIRE(three.rates.size() == 1);
  CHECK(contains(three.rates[0], "1,200 requests"));
  CHECK(contains(three.rates[0], "--duration 55s"));
  CHECK(too_short_for({timeouts(0.001)}, {20, 55, 3}, 0.95).rates.empty());
}

TEST_CASE("a goal on one kind of request counts the requests of that kind alone") {
  Goal p99 = goal("p99", GoalStatistic::p99, GoalMetric::latency, GoalOp::less, 1);
  p99.request = "rare";
  const PlannedRuns planned{100, 10, 1, {{"often", 0.9}, {"rare", 0.1}}};
  const TooShort rare = too_short_for({p99}, planned, 0.95);
  REQUIRE(rare.quantiles.size() == 1);
  CHECK(contains(rare.quantiles[0], "about 100 requests"));
  p99.request = "often";
  CHECK(too_short_for({p99}, planned, 0.95).quantiles.empty());
  // Two kinds may have limits that one kind could not meet.
  Goal slow = goal("slow", GoalStatistic::p99, GoalMetric::latency, GoalOp::greater, 2);
  slow.request = "rare";
  CHECK(contradiction_of({p99, slow}).empty());
  slow.request = "often";
  CHECK_FALSE(contradiction_of({p99, slow}).empty());
}

TEST_CASE("a goal keeps its whole subject when its limit is cut out") {
  CHECK(goal_subject("p95(latency) < 300ms") == "p95(latency)");
  CHECK(goal_subject("p95(latency) < 300ms for request browse") ==
        "p95(latency) for request browse");
  CHECK(goal_subject("p99(step:look) <= 1.5s over 10s for request browse") ==
        "p99(step:look) over 10s for request browse");
  CHECK(goal_subject("throughput >= 50/s over 5s") == "throughput over 5s");
  CHECK(goal_subject("rate(error)<1%") == "rate(error)");
  CHECK(goal_subject("nothing of the kind") == "nothing of the kind");
}
