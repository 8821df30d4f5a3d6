// Which runs speak for the candidate: only those that the comparison uses.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "assess/goals.h"
#include "gate/gate_words.h"
#include "gate/judged.h"

namespace poolgauge {
namespace {

/// A run with a goal on the p95 of the latency, as it is saved.
SavedReport saved_run(double throughput, double p95_s, bool saturated = false) {
  Report report;
  report.scenario_name = "tiny";
  report.scenario_json = R"({"deployment":{"pool":{"pool_size":5}},"load":{"users":5}})";
  report.throughput_per_s = throughput;
  report.seed = static_cast<std::uint64_t>(throughput);
  report.window_s = 1;
  report.requests.completed = static_cast<std::uint64_t>(throughput);
  report.latency.count = report.requests.completed;
  report.latency.p50 = 500 * p95_s;
  report.latency.p95 = 1000 * p95_s;
  GoalResult goal;
  goal.goal = "p95(latency) < 1s";
  goal.unit = "s";
  goal.limit = 1;
  goal.measured = p95_s;
  goal.margin = 1 - p95_s;
  goal.met = p95_s < 1;
  report.verdict.goals = {goal};
  if (saturated) {
    report.client_saturated = true;
    report.verdict.status = VerdictStatus::inconclusive;
    report.verdict.exit_code = 12;
    report.verdict.reasons = {"the load generator could not keep up"};
  } else if (!goal.met) {
    report.verdict.status = VerdictStatus::slo_missed;
    report.verdict.exit_code = 10;
    report.verdict.reasons = {"p95(latency) < 1s: too slow"};
  }
  return {"run", report};
}

Sides saved_pairs(std::vector<SavedReport> candidate) {
  Sides sides;
  sides.paired = true;
  sides.differing = Differing::intended;
  for (std::size_t i = 0; i < candidate.size(); ++i) sides.baseline.push_back(saved_run(300, 0.5));
  sides.candidate = std::move(candidate);
  return sides;
}

Report judged_of(const Sides& sides) {
  return judged(sides, usual_rules({}, false), {}, Strictness{});
}

bool reasons_say(const std::vector<std::string>& reasons, const std::string& piece) {
  for (const std::string& reason : reasons) {
    if (reason.find(piece) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("the run that is shown, and the goals, are of the runs that are used") {
  // In the middle of all six lies the one whose load generator was saturated.
  const Report report = judged_of(
      saved_pairs({saved_run(264, 0.619), saved_run(266, 0.642), saved_run(280, 0.626),
                   saved_run(284, 0.6), saved_run(286, 0.587), saved_run(267, 0.628, true)}));
  CHECK(report.throughput_per_s == 280);
  CHECK_FALSE(report.client_saturated);
  REQUIRE(report.verdict.goals.size() == 1);
  CHECK(report.verdict.goals[0].measured == Approx(0.619));
  CHECK_FALSE(reasons_say(report.verdict.reasons, "could not keep up"));
  REQUIRE(report.gate);
  CHECK(report.gate->candidate.runs == 5);
}

TEST_CASE("without a run that could be used, no goal is judged") {
  const Report report =
      judged_of(saved_pairs({saved_run(100, 1.7, true), saved_run(101, 1.8, true)}));
  CHECK(report.verdict.status == VerdictStatus::inconclusive);
  CHECK(report.verdict.exit_code == 12);
  REQUIRE(report.verdict.goals.size() == 1);
  CHECK_FALSE(report.verdict.goals[0].judged());
  CHECK(open_label(report.verdict.goals[0]) == "no run could be used");
  CHECK(reasons_say(report.verdict.reasons,
                    "in the run shown: the load generator could not keep up"));
}

TEST_CASE("runs that a missed goal cut short count for the goals, though not for the comparison") {
  std::vector<SavedReport> candidate = {saved_run(100, 1.7), saved_run(90, 1.8),
                                        saved_run(95, 1.9)};
  for (SavedReport& run : candidate) run.report.partial = true;
  const Report report = judged_of(saved_pairs(std::move(candidate)));
  CHECK(report.verdict.exit_code == 10);
  CHECK(report.verdict.goals[0].measured == Approx(1.8));
}

TEST_CASE("two sides that do not differ are called so") {
  const Report same = judged_of(saved_pairs(std::vector<SavedReport>(6, saved_run(300, 0.5))));
  CHECK(reasons_say(same.gate->reasons, "baseline and candidate have the same settings"));
  Sides sides = saved_pairs(std::vector<SavedReport>(6, saved_run(300, 0.5)));
  for (SavedReport& run : sides.baseline) {
    run.report.scenario_json = R"({"deployment":{"pool":{"pool_size":9}},"load":{"users":5}})";
  }
  CHECK_FALSE(reasons_say(judged_of(sides).gate->reasons, "the same settings"));
}

TEST_CASE("sides of different scenarios are named by them") {
  Sides sides;
  sides.baseline = {saved_run(100, 0.5), saved_run(100, 0.5)};
  sides.candidate = {saved_run(100, 0.5)};
  sides.candidate[0].file = "new.json";
  CHECK(judged_of(sides).gate->baseline.name == "baseline");
  for (SavedReport& run : sides.baseline) run.report.scenario_name = "small";
  const Report report = judged_of(sides);
  CHECK(report.gate->baseline.name == "small: baseline");
  CHECK(report.gate->candidate.name == "tiny: new.json");
}

TEST_CASE("incomparable sides name the field to allow") {
  Sides sides;
  sides.baseline = {saved_run(100, 0.5)};
  sides.candidate = {saved_run(100, 0.9)};
  sides.baseline[0].report.scenario_json = R"({"load":{"users":9}})";
  const Report refused = judged_of(sides);
  REQUIRE(refused.gate);
  // One group of fields stands for all that differ in it.
  CHECK(refused.gate->headline ==
        "the two sides cannot be compared: 2 settings differ; if that is intended, use "
        "--allow FIELD for each, for example --allow load.users");
  const std::vector<std::string> fields = comparable_fields(sides.candidate[0].report);
  CHECK(std::find(fields.begin(), fields.end(), "deployment.pool.pool_size") != fields.end());
}

TEST_CASE("several reports without a baseline say how they are judged and which is shown") {
  Sides sides;
  sides.candidate = {saved_run(100, 0.5), saved_run(120, 0.4), saved_run(110, 0.6)};
  const Report report = judged_of(sides);
  CHECK_FALSE(report.gate);
  REQUIRE_FALSE(report.notes.empty());
  CHECK(report.notes[0] ==
        "Goals are judged by the median of 3 reports, or by the worse of the two in the middle. "
        "Everything else describes one of the reports, the one with the median throughput (seed "
        "110).");
  sides.candidate.resize(1);
  CHECK(judged_of(sides).notes.empty());
}

TEST_CASE("a goal and the comparison show one median of the same runs") {
  std::vector<SavedReport> candidate;
  for (int i = 0; i < 7; ++i) {
    candidate.push_back(saved_run(300, 0.7325004));
    candidate.back().report.latency.p95 = 732.5;  // as rounded as a report has it
  }
  const Report report = judged_of(saved_pairs(candidate));
  REQUIRE(report.gate);
  const GateMetric& p95 = report.gate->metrics[1];
  REQUIRE(p95.metric == "p95(latency)");
  REQUIRE(p95.candidate);
  CHECK(goal_value_text(*p95.candidate, p95.unit) ==
        goal_value_text(*report.verdict.goals[0].measured, "s"));
}

}  // namespace
}  // namespace poolgauge
