// Latency by kind of request in every form of a report, without a goal for it; written, read back,
// joined exactly.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "assess/verdict.h"
#include "gate/gate.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

Scenario shop() {
  Scenario scenario = sample::chat(5, 10);
  scenario.requests[0].name = "browse";
  scenario.requests.push_back(scenario.requests[0]);
  scenario.requests[1].name = "buy";
  scenario.goals.clear();
  return scenario;
}

/// 1,000 that browse in 10 to 20 ms, 342 that buy in 400 to 900 ms, of whom 13 more time out and
/// 9 are still at it.
Measurement shopping() {
  Measurement m = sample::drowning();
  m.steps.resize(6);
  m.kinds.resize(2);
  m.kinds[0].completed = 1000;
  m.kinds[0].latency = sample::spread(1000, 10, 20);
  m.kinds[1].completed = 342;
  m.kinds[1].latency = sample::spread(342, 400, 900);
  m.kinds[1].failures = {{FailureClass::pool_timeout, 13}};
  m.latency = m.kinds[0].latency;
  m.latency.merge(m.kinds[1].latency);
  m.response = m.latency;
  m.requests.failed = 13;
  m.failures = {{Phase::checkout, FailureClass::pool_timeout, "", 13, "no connection"}};
  m.requests.in_flight = 9;
  m.in_flight.latency.record_n(from_ms(300), 9);
  m.in_flight.steps.resize(6);
  m.in_flight.requests.resize(2);
  m.in_flight.requests[1].record_n(from_ms(300), 9);
  return m;
}

Report shop_report() {
  return make_report(shop(), shopping(), sample::facts());
}

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

TEST_CASE("each kind has its counts, failures and percentiles in the JSON", "[kinds]") {
  const std::string text = to_json(shop_report());
  const Json kinds = Json::parse(text)["requests_by_kind"];
  REQUIRE(kinds.size() == 2);
  CHECK(kinds[0]["request"] == "browse");
  CHECK(kinds[0]["completed"] == 1000);
  CHECK(kinds[0]["failed"] == 0);
  CHECK(kinds[0]["latency_ms"]["p95"] == Approx(19.5).epsilon(0.01));
  CHECK(kinds[1]["failed"] == 13);
  CHECK(kinds[1]["in_flight"] == 9);
  CHECK(kinds[1]["failures"][0]["class"] == "pool_timeout");
  CHECK(kinds[1]["latency_ms"]["p95"] == Approx(875).epsilon(0.01));
  CHECK(kinds[1]["latency_ms"]["p99"].is_null());  // 342 values do not support it
  const Result<Report> read = report_from_json(text, "a.json");
  if (!read.ok()) FAIL(read.error().message);
  CHECK(to_json(read.value()) == text);
}

TEST_CASE("a kind's percentile counts what was in flight with its age", "[kinds]") {
  Measurement m = shopping();
  m.in_flight.requests[1].record_n(from_ms(8000), 60);
  const Report report = make_report(shop(), m, sample::facts());
  CHECK_FALSE(report.kinds[1].latency.p95.has_value());
  CHECK(*report.kinds[1].latency.p95.at_least == Approx(8000).epsilon(0.001));
  CHECK(report.kinds[0].latency.p95.has_value());
}

TEST_CASE("every form shows the kinds where there are several", "[kinds]") {
  const Report report = as_saved(shop_report());
  const std::string terminal = to_terminal(report, {});
  CHECK(says(terminal, "latency of"));
  CHECK(says(terminal, "browse"));
  CHECK(says(to_markdown(report), "| latency by kind of request | completed |"));
  CHECK(says(to_markdown(report), "| buy | 342 | 13 |"));
  CHECK(says(to_html(report), "By kind of request"));
  const std::string prometheus = to_prometheus(report);
  CHECK(says(prometheus, "request=\"buy\",quantile=\"0.95\"} 0.8"));
  CHECK(says(prometheus, "request=\"buy\",outcome=\"failed\"} 13\n"));
  CHECK(says(side_by_side(report, report, {}), "- p95 buy"));

  const Report one = make_report(sample::chat(5, 10), sample::drowning(), sample::facts());
  CHECK_FALSE(says(to_terminal(one, {}), "latency of"));
  CHECK_FALSE(says(to_markdown(one), "by kind of request"));
}

TEST_CASE("of very many kinds the busiest have a row, and the JSON has all", "[kinds]") {
  Scenario scenario = shop();
  Measurement m = shopping();
  for (int i = 0; i < 500; ++i) {
    scenario.requests.push_back(scenario.requests[0]);
    scenario.requests.back().name = "kind" + std::to_string(i);
    m.kinds.emplace_back().completed = i == 321 ? 5000 : 1;
  }
  const Report report = make_report(scenario, m, sample::facts());
  const std::string terminal = to_terminal(report, {});
  CHECK(says(terminal, "kind321"));
  CHECK(says(terminal, "and 494 more kinds of request: see the JSON report"));
  CHECK(says(to_markdown(report), "and 482 more kinds of request"));
  CHECK(Json::parse(to_json(report))["requests_by_kind"].size() == 502);
}

TEST_CASE("parts are joined by kind exactly", "[kinds]") {
  const Report part = as_saved(shop_report());
  Result<Measurement> whole = measurement_of(part);
  if (!whole.ok()) FAIL(whole.error().message);
  const Measurement again = whole.value();
  whole.value().merge(again);
  REQUIRE(whole.value().kinds.size() == 2);
  CHECK(whole.value().kinds[1].completed == 684);
  CHECK(whole.value().kinds[1].failed() == 26);
  Histogram twice = sample::spread(342, 400, 900);
  twice.merge(sample::spread(342, 400, 900));
  CHECK(whole.value().kinds[1].latency.packed() == twice.packed());
  CHECK(whole.value().steps.size() == 6);
}

TEST_CASE("reports that did not count by kind still load, and say so", "[kinds]") {
  Json old = Json::parse(to_json(shop_report()));
  old.erase("requests_by_kind");
  Json& histograms = old["histograms"];
  while (histograms.back()["name"].get<std::string>().starts_with("request:")) {
    histograms.erase(histograms.size() - 1);
  }
  const Result<Report> read = report_from_json(old.dump(), "old.json");
  if (!read.ok()) FAIL(read.error().message);
  CHECK(read.value().kinds.empty());
  REQUIRE(measurement_of(read.value()).ok());
  Goal goal = sample::p95_below_1s();
  goal.request = "buy";
  CHECK(says(saved_value(read.value(), goal).unsupported, "does not list requests by kind"));
}

TEST_CASE("a goal for one kind is judged by a saved report", "[kinds]") {
  const Report report = as_saved(shop_report());
  Goal goal = sample::p95_below_1s();
  goal.text = "p95(latency) < 500ms for request buy";
  goal.request = "buy";
  goal.value = 0.5;
  const JudgedGoal missed = judge_saved(report, goal);
  CHECK(missed.outcome == GoalOutcome::missed);
  CHECK(*missed.result.measured == Approx(0.875).epsilon(0.01));
  goal.request = "browse";
  CHECK(judge_saved(report, goal).outcome == GoalOutcome::met);
  goal.request = "sell";
  CHECK(says(judge_saved(report, goal).reason, "has no request \"sell\""));
  Goal rate = sample::few_timeouts();
  rate.request = "buy";
  CHECK(*judge_saved(report, rate).result.measured == Approx(13.0 / 355));
  rate.request = "browse";
  CHECK(judge_saved(report, rate).outcome == GoalOutcome::met);
}

TEST_CASE("a gate shows the kinds beside what decides", "[kinds]") {
  const Report report = as_saved(shop_report());
  const std::vector<GateRule> rules = usual_rules(report.steps, false, report.kinds);
  const auto of_buy = std::find_if(rules.begin(), rules.end(), [](const GateRule& rule) {
    return rule.name == "p95(latency) for request buy";
  });
  REQUIRE(of_buy != rules.end());
  CHECK_FALSE(of_buy->gated);
  const GateRun run = gate_run(report, "a", rules);
  const auto place = static_cast<std::size_t>(of_buy - rules.begin());
  CHECK(*run.values[place] == Approx(0.875).epsilon(0.01));
}

TEST_CASE("what keeps a saved goal open is said, a stall as well", "[kinds]") {
  Report report = as_saved(shop_report());
  report.stalls = {{std::chrono::seconds(3), std::chrono::seconds(9), 15, false}};
  Goal goal = sample::p95_below_1s();
  const JudgedGoal open = judge_saved(report, goal);
  CHECK(open.outcome == GoalOutcome::unsupported);
  CHECK(says(open.reason, "no request completed from 3.0 s to 9.0 s"));
  // As a run judged it, and in a report that has only the verdict's reasons.
  report.verdict.goals = {open.result};
  CHECK(judge_saved(as_saved(report), goal).reason == open.reason);
  report.verdict.goals[0].why.clear();
  report.verdict.reasons = {open.reason};
  CHECK(judge_saved(as_saved(report), goal).reason == open.reason);
}

TEST_CASE("figures known from below do not touch their neighbours", "[kinds]") {
  Measurement m = shopping();
  m.in_flight.latency.record_n(from_ms(80900), 300);
  m.in_flight.requests[1].record_n(from_ms(80900), 300);
  const std::string terminal = to_terminal(make_report(shop(), m, sample::facts()), {});
  CHECK(says(terminal, "  > 80.9 s"));
  for (const char* touching : {"s>", "s> ", "µs>", "ms>"}) CHECK_FALSE(says(terminal, touching));
}

}  // namespace
}  // namespace poolgauge
