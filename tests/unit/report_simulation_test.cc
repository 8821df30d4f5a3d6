// What a report says of a simulation's costs, and of the pools that were not searched, read back.
#include <catch2/catch.hpp>

#include "advice_sample.h"

namespace poolgauge {
namespace {

Report again(const Report& report) {
  Result<Report> read = report_from_json(to_json(report), "r.json");
  if (!read.ok()) FAIL(read.error().message);
  return std::move(read).value();
}

TEST_CASE("what a simulation assumes is in every form of its report") {
  Report report = sample::measured_for_advice();
  report.target.kind = "simulated";
  report.target.simulation = SimulationFacts{"assumed", "assumes 100 µs for each statement"};
  GoalResult goal;
  goal.goal = "p95(latency) < 1s";
  goal.unit = "s";
  goal.open_by = GoalResult::OpenBy::costs;
  report.verdict.goals = {goal};
  const Report read = again(report);
  REQUIRE(read.target.simulation);
  CHECK(read.target.simulation->costs_assumed());
  CHECK(read.target.simulation->assumes == report.target.simulation->assumes);
  CHECK(read.verdict.goals.at(0).open_by == GoalResult::OpenBy::costs);
  CHECK(to_json(report).find("\"not_judged\": \"the costs of the statements are only assumed\"") !=
        std::string::npos);
  CHECK(to_json(read) == to_json(report));
  TerminalStyle style;
  style.width = 200;
  const std::string shown = to_terminal(read, style);
  CHECK(shown.substr(0, shown.find('\n')).find("simulated: assumes 100 µs") != std::string::npos);
  for (const std::string& text : {shown, to_markdown(read), to_html(read)}) {
    CHECK(text.find("assumes 100 µs for each statement") != std::string::npos);
    CHECK(text.find("only assumed") != std::string::npos);
  }
}

TEST_CASE("a report without a simulation says nothing of one") {
  const std::string text = to_json(sample::measured_for_advice());
  CHECK(text.find("\"simulation\"") == std::string::npos);
  CHECK(text.find("\"not_judged\"") == std::string::npos);
  CHECK_FALSE(again(sample::measured_for_advice()).target.simulation);
}

TEST_CASE("the other pools are read back") {
  Report report = sample::advised();
  CHECK(to_json(report).find("\"other_pools\"") == std::string::npos);
  OtherPool replica{"replica", "replica", 6, 10, 40, 12, 97};
  OtherPool jobs{"jobs", "primary", std::nullopt, std::nullopt, 3, 0, 97};
  report.recommendation->other_pools = {replica, jobs};
  const Report read = again(report);
  REQUIRE(read.recommendation->other_pools.size() == 2);
  const OtherPool& first = read.recommendation->other_pools[0];
  CHECK(first.name == "replica");
  CHECK(first.pool_size == 6);
  CHECK(first.now == 10);
  CHECK(first.needed == 12);
  CHECK_FALSE(read.recommendation->other_pools[1].pool_size);
  CHECK(to_json(read) == to_json(report));
}

}  // namespace
}  // namespace poolgauge
