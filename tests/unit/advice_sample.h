// Hand-made reports of `advise` and `sweep`.
#pragma once

#include <string>

#include "advise/score.h"
#include "advise/settings.h"
#include "advise/snippets.h"
#include "poolgauge/report.h"
#include "report_sample.h"

namespace poolgauge::sample {

inline Report measured_for_advice() {
  const Scenario scenario = chat(20, 40);
  Measurement measurement;
  measurement.window = std::chrono::seconds(20);
  measurement.latency = spread(1000, 100, 900);
  measurement.requests.completed = 1000;
  RunFacts facts;
  facts.tool_version = "0.1.0";
  facts.command = "advise";
  facts.started_at = "2026-01-31T12:00:00Z";
  Report report = make_report(scenario, measurement, facts);
  report.scenario_sha256 = std::string(64, 'a');
  return report;
}

inline SearchRun run(std::int64_t size, const std::string& purpose, bool met) {
  SearchRun one;
  one.pool_size = size;
  one.purpose = purpose;
  one.seconds = 20;
  one.met = met;
  one.throughput_per_s = 66.6;
  one.predicted.latency_p95_ms = 990;
  one.measured.latency_p95_ms = met ? 970 : 1020;
  one.goal_predicted = 0.8;
  one.goal_measured = met ? 0.77 : 1.33;
  return one;
}

inline Report advised() {
  Report report = measured_for_advice();
  Recommendation r;
  r.pool_size = 56;
  r.max_overflow = 6;
  r.pool_timeout_s = 2;
  r.pool_recycle_s = 1800;
  r.connect_timeout_s = 2;
  r.statement_timeout_s = 8;
  r.idle_in_transaction_timeout_s = 5;
  r.capacity = 62;
  r.growth = 0.25;
  add_limits(
      {server_limit({100, 3, 2, 0}, true), {"role", "app", "CONNECTION LIMIT", 80, 0, 1, 0, 80}},
      62, 62, 0.1, r);
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
  r.alternatives = {{"release the connection during \"model\"", 6, 0, 6, "pool_size 6 does"}};
  r.why = {"pool_size 56 of 62"};
  r.warnings = {"something to know"};
  SearchRecord record;
  record.outcome = "confirmed";
  record.certainty = "confirmed";
  record.runs_met = record.runs_of = record.runs_needed = 3;
  record.decides = "p95(latency) < 1s for request chat";
  record.decides_unit = "s";
  record.headroom = 0.2;
  record.spread = 0.05;
  record.sentence = "62 is the smallest that meets the goals: 61 gave p95(latency) 1.02 s.";
  record.binds = "p95(latency) < 1s for request chat decides.";
  record.neighbours = {"One connection fewer: p95 +11 ms."};
  record.runs = {run(62, "verify", true), run(61, "neighbour", false), run(30, "verify", false),
                 run(62, "confirm", true)};
  record.seconds = 90;
  r.search = record;
  report.recommendation = r;
  return report;
}

/// The same for a library that has no overflow and no test of connections.
inline Report advised_hikari() {
  Report report = advised();
  Recommendation& r = *report.recommendation;
  r.kind = "hikari";
  r.options = {{"maximumPoolSize", std::int64_t{62}}, {"minimumIdle", std::int64_t{56}}};
  r.alternatives[0].effect = "maximumPoolSize 6 does";
  r.alternatives[0].first = true;
  r.why = {"minimumIdle 56 of 62"};
  r.own_snippet = "hikari";
  r.snippets = make_snippets(r);
  choose_snippets("", r);
  return report;
}

inline Report swept() {
  Report report = measured_for_advice();
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

}  // namespace poolgauge::sample
