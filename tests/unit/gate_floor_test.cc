// The floor below which a difference is no regression, however large its share.
#include <catch2/catch.hpp>

#include "gate/gate.h"

namespace poolgauge {
namespace {

constexpr double kJitter[] = {0.0, 0.006, -0.004, 0.002, -0.007, 0.005};

/// Six runs whose figure is `value` with a little noise.
std::vector<GateRun> runs_around(double value) {
  std::vector<GateRun> runs;
  for (const double jitter : kJitter) {
    GateRun run;
    run.values = {value * (1 + jitter)};
    runs.push_back(run);
  }
  return runs;
}

GateMetric floored(GoalStatistic statistic, double floor, double before, double after,
                   bool paired) {
  GateQuestion q;
  GateRule rule;
  rule.name = "figure";
  rule.figure.statistic = statistic;
  rule.figure.metric =
      statistic == GoalStatistic::throughput ? GoalMetric::none : GoalMetric::latency;
  rule.margin = 0.1;
  rule.floor = floor;
  q.rules = {rule};
  q.baseline = runs_around(before);
  q.candidate = runs_around(after);
  q.paired = paired;
  return judge_gate(q).metrics.front();
}

GateMetric p95(double floor, double before, double after, bool paired = false) {
  return floored(GoalStatistic::p95, floor, before, after, paired);
}

TEST_CASE("a large share of little time is no regression below the floor") {
  for (const bool paired : {false, true}) {
    CAPTURE(paired);
    const GateMetric below = p95(0.001, 0.0010, 0.0016, paired);  // +60 %, 0.6 ms
    CHECK(below.verdict == GateVerdict::pass);
    CHECK(below.note == "differs by less than 1.00 ms");
    CHECK(below.became_worse);
    CHECK(p95(0.001, 0.0010, 0.0026, paired).verdict == GateVerdict::regression);  // 1.6 ms
    CHECK(p95(0.0005, 0.0010, 0.0016, paired).verdict == GateVerdict::regression);
    CHECK(p95(0.001, 0.0016, 0.0010, paired).verdict == GateVerdict::pass);  // better
    CHECK(p95(0.001, 0.0026, 0.0010, paired).verdict == GateVerdict::pass);
  }
}

TEST_CASE("a difference above the floor still has the share's margin") {
  CHECK(p95(0.001, 0.100, 0.105).verdict == GateVerdict::pass);        // 5 ms, 5 %
  CHECK(p95(0.001, 0.100, 0.120).verdict == GateVerdict::regression);  // 20 ms, 20 %
  CHECK(p95(0.001, 0.100, 0.105).note == "worse, but by less than the allowed 10 % and 1.00 ms");
}

TEST_CASE("neither surely above the floor nor surely below it is not told") {
  CHECK(p95(0.001, 0.0100, 0.010995).verdict == GateVerdict::inconclusive);
}

TEST_CASE("the floor of a throughput counts downwards") {
  const auto throughput = [](double before, double after) {
    return floored(GoalStatistic::throughput, 5, before, after, false).verdict;
  };
  CHECK(throughput(10, 7) == GateVerdict::pass);  // -30 %, 3/s
  CHECK(throughput(10, 3) == GateVerdict::regression);
  CHECK(throughput(3, 10) == GateVerdict::pass);
  CHECK(throughput(1000, 700) == GateVerdict::regression);
}

TEST_CASE("with a floor, a wait of no time at all can be judged") {
  CHECK(p95(0.001, 0, 0).verdict == GateVerdict::pass);
  CHECK(p95(0.001, 0, 0.0005).verdict == GateVerdict::pass);
  CHECK(p95(0.001, 0, 0.5).verdict == GateVerdict::inconclusive);  // no share to be above
}

}  // namespace
}  // namespace poolgauge
