// What an advice or a curve says, and offers to be pasted, where the answer is not certain.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "app/advice.h"
#include "app/trials.h"
#include "hidden_world.h"

using namespace poolgauge;
using namespace poolgauge::app;
using namespace poolgauge::app::hidden;
using namespace std::chrono_literals;

TEST_CASE("A size that is expected to miss the goals is not offered to be pasted") {
  StopFlag stop;
  HiddenWorld world(stop);
  world.saturate = true;
  // The hold alone has a p95 of 120 ms.
  Scenario scenario = erlang_case(100, 40ms, 0.010).scenario;
  scenario.goals[0].text = "p95(latency) < 20ms";
  scenario.goals[0].metric = GoalMetric::latency;
  scenario.goals[0].value = 0.020;
  const Report report = search(scenario, 85, &world, &stop).report;
  const Recommendation& r = *report.recommendation;
  CHECK(r.search->outcome == "inconclusive");
  CHECK(r.snippets.empty());
  CHECK(r.search->sentence.find("do not use this size") != std::string::npos);
  CHECK(r.search->sentence.find("no run of that size exists") == std::string::npos);
  const std::string shown = to_terminal(as_saved(report), TerminalStyle{});
  INFO(shown);
  CHECK(shown.find("NOT RECOMMENDED") != std::string::npos);
  CHECK(shown.find("RECOMMENDATION") == std::string::npos);
  CHECK(shown.find("pool_size=") == std::string::npos);
  CHECK(to_markdown(as_saved(report)).find("..") == std::string::npos);
}

TEST_CASE(
    "Why a smaller size that met the goals as often is not confirmed is said, one fact each") {
  const Scenario scenario = erlang_case(100, 40ms, 0.010).scenario;
  SizesPlan plan;
  plan.run_s = 20;
  plan.requests_per_s = 100;
  const SimulatedSizes sizes(scenario, ServerProfile{}, plan);
  Findings findings;
  findings.outcome = "confirmed";
  findings.total = 12;
  const auto add = [&](std::int64_t total, double score, bool clear) {
    AdvisedRun run;
    const std::size_t goals = sizes.model()(total).size();
    run.trial = {total, TrialPurpose::confirm, std::vector<double>(goals, score), true, true, 1,
                 clear};
    findings.runs.push_back(run);
  };
  for (const double score : {-1.50, -1.51, -1.49}) add(11, score, false);
  for (const double score : {-0.01, -0.02, -0.03}) add(10, score, true);
  for (const double score : {-1.80, -1.81, -1.79}) add(12, score, true);
  std::vector<SearchTrial> trials;
  for (const AdvisedRun& run : findings.runs) trials.push_back(run.trial);
  findings.evidence = evidence_at(12, sizes.model(), trials);
  const AdviceFrame frame;
  const std::string said = sentence_of({scenario, sizes, findings, frame, &findings.runs.back()});
  INFO(said);
  CHECK(said.find("12 per process is the smallest size confirmed to meet the goals: 3 of 3 runs "
                  "met them. On average, p95(pool_wait) was ") == 0);
  CHECK(said.find(" With 11, 3 of 3 runs met the goals, but that is not confirmed: the 95 % "
                  "confidence interval of at least one run crossed the limit.") !=
        std::string::npos);
  CHECK(said.find(" With 10, 3 of 3 runs met the goals, but that is not confirmed: "
                  "p95(pool_wait) was only ") != std::string::npos);
  CHECK(said.find("too few runs") == std::string::npos);
}

TEST_CASE("A curve whose unusable points may meet the goals is not decided") {
  StopFlag stop;
  HiddenWorld world(stop);
  world.saturate_from = 30;
  const Scenario scenario = erlang_case(300, 50ms, 0.020).scenario;  // 15 Erlangs
  SweepRequest request;
  const Context context{"poolgauge sweep", nothing_set, stop};
  ProgressSink progress;
  SweepRange range;
  range.listed = {5, 10, 40};
  range.least = 5;
  range.most = 40;
  const Result<Report> swept = sweep(request, context, scenario, range, world, progress, 1, 0, {});
  REQUIRE(swept.ok());
  CHECK(swept.value().verdict.exit_code == 12);
  const std::string& finding = swept.value().curve->finding;
  INFO(finding);
  CHECK(finding.find("No usable point meets the goals. With 40 connections, they were met") == 0);
  CHECK(finding.find("still rises at 40") == std::string::npos);
}
