// Reports of `advise` and `sweep`: read back whole, and shown with the answer first.
#include <catch2/catch.hpp>
#include <string>

#include "advise/curve.h"
#include "advise/snippets.h"
#include "poolgauge/report.h"
#include "report/plot.h"
#include "report_sample.h"

using namespace poolgauge;

namespace {

Report measured() {
  const Scenario scenario = sample::chat(20, 40);
  Measurement measurement;
  measurement.window = std::chrono::seconds(20);
  measurement.latency = sample::spread(1000, 100, 900);
  measurement.requests.completed = 1000;
  RunFacts facts;
  facts.tool_version = "0.1.0";
  facts.command = "advise";
  facts.started_at = "2026-01-31T12:00:00Z";
  Report report = make_report(scenario, measurement, facts);
  report.scenario_sha256 = std::string(64, 'a');
  return report;
}

SearchRun run(std::int64_t size, const std::string& purpose, bool met) {
  SearchRun one;
  one.pool_size = size;
  one.purpose = purpose;
  one.seconds = 20;
  one.met = met;
  one.throughput_per_s = 66.6;
  one.predicted.latency_p95_ms = 990;
  one.measured.latency_p95_ms = met ? 970 : 1020;
  return one;
}

Report advice() {
  Report report = measured();
  Recommendation r;
  r.pool_size = 56;
  r.max_overflow = 6;
  r.pool_timeout_s = 2;
  r.pool_recycle_s = 1800;
  r.connect_timeout_s = 2;
  r.statement_timeout_s = 8;
  r.idle_in_transaction_timeout_s = 5;
  r.max_connections = 80;
  r.capacity = 62;
  r.budget = {100, 3, 2, 95, 62};
  r.confidence = Confidence::measured;
  r.confirmed = true;
  r.kind = "sqlalchemy-async";
  r.options = {
      {"pool_size", std::int64_t{56}}, {"max_overflow", std::int64_t{6}}, {"pre_ping", true}};
  r.own_snippet = "sqlalchemy";
  r.snippets = make_snippets(r);
  FormulaAnswer rule;
  rule.id = "workers-x2";
  rule.name = "workers × 2";
  rule.pool_size = 20;
  rule.max_overflow = 40;
  rule.latency_p95_ms = 1020;
  rule.meets_goals = false;
  r.formulas = {rule};
  r.alternatives = {{"give the connection back during \"model\"", 6, 0, 6, "pool_size 6 does"}};
  r.why = {"pool_size 56 of 62"};
  r.warnings = {"something to know"};
  SearchRecord record;
  record.outcome = "confirmed";
  record.sentence = "62 is the smallest that meets the goals: 61 gave p95(latency) 1.02 s.";
  record.binds = "p95(latency) < 1 s decides.";
  record.neighbours = {"One connection fewer: p95 +11 ms."};
  record.runs = {run(62, "verify", true), run(61, "neighbour", false), run(30, "verify", false),
                 run(62, "confirm", true)};
  record.seconds = 90;
  r.search = record;
  report.recommendation = r;
  return report;
}

Report sweep() {
  Report report = measured();
  report.command = "sweep";
  std::vector<CurvePoint> points;
  for (const double at : {1.0, 4.0, 8.0, 16.0, 32.0}) {
    CurvePoint point;
    point.at = at;
    point.throughput_per_s = 100 * std::min(at, 10.0);
    point.latency_p95_ms = 500 / at;
    point.goals_met = at >= 8;
    points.push_back(point);
  }
  points[1].usable = false;
  points[1].note = "the load generator was saturated";
  report.curve = make_curve("pool", points);
  return report;
}

Report again(const Report& report) {
  const Result<Report> read = report_from_json(to_json(report), "r.json");
  if (!read.ok()) FAIL(read.error().message);
  return read.value();
}

bool contains(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("An advice is read back as it was written") {
  const Report report = advice();
  const Report read = again(report);
  REQUIRE(read.recommendation);
  CHECK(to_json(read) == to_json(report));
  const TerminalStyle style;
  CHECK(to_terminal(read, style) == to_terminal(report, style));
  CHECK(read.recommendation->search->runs.size() == 4);
  CHECK(read.recommendation->snippets.size() == report.recommendation->snippets.size());
}

TEST_CASE("The answer stands first, then why, then what was measured, then what to paste") {
  const std::string text = to_terminal(advice(), TerminalStyle{});
  std::size_t at = 0;
  for (const char* piece :
       {"RECOMMENDATION", "pool_size 56 · max_overflow 6", "measured and confirmed",
        "62 is the smallest", "fits: ", "62 of 95 available", "Better than a bigger pool",
        "One connection fewer", "workers × 2 → 20+40", "neighbour", "create_engine("}) {
    const std::size_t found = text.find(piece, at);
    INFO(piece << "\n" << text);
    REQUIRE(found != std::string::npos);
    at = found;
  }
}

TEST_CASE("What is not confirmed is not called so") {
  Report report = advice();
  report.recommendation->search->outcome = "impossible";
  CHECK(contains(to_terminal(report, TerminalStyle{}), "NO SIZE DOES"));
  CHECK(contains(to_markdown(report), "no size meets the goals"));
  report.recommendation->search->outcome = "interrupted";
  CHECK(contains(to_terminal(report, TerminalStyle{}), "best answer so far"));
  report.recommendation->search->outcome = "confirmed";
  report.recommendation->confirmed = false;
  CHECK(contains(to_terminal(report, TerminalStyle{}), "measured, not confirmed"));
}

TEST_CASE("A curve is read back as it was written") {
  const Report report = sweep();
  const Report read = again(report);
  REQUIRE(read.curve);
  CHECK(to_json(read) == to_json(report));
  CHECK(to_terminal(read, TerminalStyle{}) == to_terminal(report, TerminalStyle{}));
  CHECK(to_markdown(read) == to_markdown(report));
  CHECK(contains(to_markdown(report), "4: the load generator was saturated"));
}

TEST_CASE("Without Unicode a curve is plain ASCII") {
  TerminalStyle plain;
  plain.unicode = false;
  for (const Report& report : {sweep(), advice()}) {
    for (const char c : to_terminal(report, plain)) {
      REQUIRE(static_cast<unsigned char>(c) < 128);
    }
  }
}

TEST_CASE("A plot has its points where they belong") {
  Plot plot;
  plot.title = "title";
  plot.points = {{0, 0, false}, {10, 5, false}, {20, 10, true}};
  plot.mark = 10.0;
  plot.top_label = "10";
  const std::vector<std::string> lines = draw(plot, 44, 5);
  REQUIRE(lines.size() == 7);
  CHECK(lines[0] == "title");
  CHECK(lines[1].rfind("○") == lines[1].size() - std::string("○").size());
  CHECK(contains(lines[3], "●"));
  CHECK(lines[5].starts_with(" 0 │●"));
  CHECK(contains(lines[6], "20"));
  plot.points.clear();
  CHECK(draw(plot, 44, 5).empty());
}
