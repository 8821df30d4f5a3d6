// Parts that are merged: the report that one machine would have written, or a refusal.
#include <catch2/catch.hpp>

#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/merge.h"
#include "app/surroundings.h"
#include "engine/trial.h"
#include "engine_bench.h"
#include "poolgauge/exit_status.h"

namespace {

using namespace poolgauge;
using namespace std::chrono_literals;
using app::PartReport;
using Json = nlohmann::json;

/// A fleet of twelve processes whose requests fail now and then.
Scenario fleet(const std::string& load) {
  const std::string text = R"({"version": 1, "name": "fleet", "load": )" + load +
                           R"(, "warmup": "1s", "duration": "20s", "deadline": "400ms",
    "slo": ["p95(latency) < 1s", "p95(latency) < 1s over 5s", "rate(error) < 99% over 4s",
            "p95(latency) < 300ms for request short", "throughput > 10/s"],
    "deployment": {"instances": 4, "processes": 3,
      "pool": {"kind": "sqlalchemy", "pool_size": 1, "max_overflow": 0, "timeout": "100ms"}},
    "requests": [{"name": "short", "weight": 3, "steps": [{"name": "one", "sql": "SELECT 1"}]},
                 {"name": "long", "steps": [{"name": "two", "sql": "SELECT 2"},
                   {"name": "work", "hold": {"exponential": "40ms"}}]}]})";
  ScenarioResult read = parse_scenario(text, "fleet.json", {});
  REQUIRE(std::holds_alternative<Scenario>(read));
  return std::get<Scenario>(std::move(read));
}

/// Each process has its own share of the server: nothing that one does is felt by another.
Measurement measured_by(const Scenario& scenario, RunPart part) {
  test::ManualTime time;
  Loop loop(time);
  test::ScriptedServer server(loop);
  server.connect_takes = 3ms;
  server.exchange_takes = 20ms;
  Trial trial(scenario, loop, time, {&server}, shard_of(part, 0, 1), 5, TimePoint{}, nullptr);
  return trial.run(StopFlag{});
}

RunFacts facts_of_run(const Scenario& scenario) {
  RunFacts facts;
  facts.tool_version = "9.9.9";
  facts.command = "run";
  facts.started_at = "2026-01-31T12:00:00Z";
  facts.seed = 5;
  facts.target.kind = "server";
  facts.pool_options = app::options_of_pools(scenario.deployment);
  return facts;
}

PartReport part_report(const Scenario& scenario, RunPart part) {
  RunFacts facts = facts_of_run(scenario);
  facts.part =
      PartFacts{part, "2026-01-31T12:00:01.000000Z", true, ClockOffset{0.25, 0.05}, {}, {}};
  const Report report = make_report(scenario, measured_by(scenario, part), facts);
  return {"part-" + std::to_string(part.number()) + ".json", as_saved(report)};
}

std::vector<PartReport> parts_of_run(const Scenario& scenario, std::uint32_t count) {
  std::vector<PartReport> parts;
  for (std::uint32_t i = 0; i < count; ++i) parts.push_back(part_report(scenario, {i, count}));
  return parts;
}

Report merged(std::vector<PartReport> parts, const Scenario& scenario) {
  const StopFlag stop;
  const app::Context context{"poolgauge merge", [](const std::string&) { return std::nullopt; },
                             stop, "9.9.9"};
  return app::merge_parts(std::move(parts), scenario, context);
}

std::string refusal(const std::vector<PartReport>& parts) {
  const Status checked = app::check_parts(parts);
  return checked.ok() ? "accepted" : checked.error().message;
}

}  // namespace

TEST_CASE("merged parts are the report of one machine, figure by figure", "[parts]") {
  const std::string load =
      GENERATE(R"({"users": 40, "think": {"exponential": "50ms"}})",
               R"({"rate": 150, "arrivals": "poisson"})", R"({"burst": 90, "every": "1s"})");
  const std::uint32_t count = GENERATE(3U, 8U);
  CAPTURE(load, count);
  const Scenario scenario = fleet(load);
  const Report one =
      as_saved(make_report(scenario, measured_by(scenario, {}), facts_of_run(scenario)));
  REQUIRE(one.requests.completed > 900);
  REQUIRE(one.requests.failed > 0);
  REQUIRE(one.verdict.goals.size() == 5);
  std::vector<PartReport> parts = parts_of_run(scenario, count);
  std::swap(parts.front(), parts.back());  // in any order
  REQUIRE(refusal(parts) == "accepted");
  const Report whole = as_saved(merged(parts, scenario));
  const Json expected = Json::parse(to_json(one));
  const Json found = Json::parse(to_json(whole));
  for (const char* member : {"verdict",
                             "window",
                             "requests",
                             "failures",
                             "rates",
                             "rates_ci95",
                             "throughput_per_s",
                             "throughput_per_s_ci95",
                             "latency_ms",
                             "response_ms",
                             "pool_wait_ms",
                             "connect_ms",
                             "connection_time_ms",
                             "statement_ms",
                             "percentiles_ms",
                             "phases_ms",
                             "requests_by_kind",
                             "steps",
                             "pools",
                             "in_flight",
                             "stalls",
                             "timeline",
                             "histograms",
                             "diagnosis"}) {
    CAPTURE(member);
    CHECK(found.value(member, Json()) == expected.value(member, Json()));
  }
  REQUIRE(whole.parts);
  CHECK(whole.parts->of == count);
  CHECK(whole.parts->missing.empty());
  CHECK(whole.parts->joined.size() == count);
  CHECK_FALSE(whole.part);
  CHECK(whole.notes.at(0) ==
        "Merged from " + std::to_string(count) + " of " + std::to_string(count) +
            " parts of one run, which started at 2026-01-31T12:00:01.000000Z on the server's "
            "clock, each to within 50.0 µs.");
}

TEST_CASE("the report of a part says that it is one, judges nothing, and reads back", "[parts]") {
  const Scenario scenario = fleet(R"({"users": 40})");
  const PartReport part = part_report(scenario, {1, 4});
  const Report& report = part.report;
  CHECK(report.verdict.status == VerdictStatus::pass);
  CHECK(report.verdict.goals.empty());
  CHECK(report.diagnosis.empty());
  REQUIRE(report.part);
  CHECK(report.part->part == RunPart{1, 4});
  CHECK(report.part->clock->error_ms == 0.05);
  using Renderer = std::string (*)(const Report&);
  const std::vector<Renderer> renderers{to_markdown, to_html, to_junit, to_prometheus,
                                        to_github_benchmark};
  for (const Renderer render : renderers) {
    CHECK(render(report).find("part 2 of 4") != std::string::npos);
  }
  CHECK(to_terminal(report, {}).find("part 2 of 4") != std::string::npos);
  CHECK(to_json(as_saved(report)) == to_json(report));
  // Exactly what was measured, beyond what other reports keep.
  const Result<Measurement> back = measurement_of(report);
  REQUIRE(back.ok());
  const Measurement measured = measured_by(scenario, {1, 4});
  CHECK(back.value().latency.packed() == measured.latency.packed());
  REQUIRE(back.value().series.size() == measured.series.size());
  for (std::size_t i = 0; i < measured.series.size(); ++i) {
    CHECK(back.value().series[i].latency.packed() == measured.series[i].latency.packed());
  }
  CHECK(back.value().slices.size() == measured.slices.size());
  CHECK(back.value().samples.size() == measured.samples.size());
  CHECK(back.value().tracks.size() == measured.tracks.size());
}

TEST_CASE("a missing part is named with its share, and nothing passes without it", "[parts]") {
  // One user for each process: nobody waits, and nothing fails.
  const Scenario scenario = fleet(R"({"users": 12, "think": "200ms"})");
  std::vector<PartReport> parts = parts_of_run(scenario, 4);
  REQUIRE(merged(parts, scenario).verdict.status == VerdictStatus::pass);
  parts.erase(parts.begin() + 2);
  const Report report = as_saved(merged(parts, scenario));
  CHECK(report.verdict.status == VerdictStatus::inconclusive);
  CHECK(report.verdict.exit_code == kExitInconclusive);
  const std::string missing =
      "part 3 of 4 is missing: 25 % of the processes, with its users and arrivals, are in no "
      "figure";
  REQUIRE(report.verdict.reasons.size() == 1);
  CHECK(report.verdict.reasons[0] == missing);
  CHECK(report.parts->missing == std::vector<std::uint32_t>{3});
  CHECK(to_terminal(report, {}).find("merged from 3 of 4 parts") != std::string::npos);
  // The books stay exact.
  std::uint64_t completed = 0;
  for (const PartReport& part : parts) completed += part.report.requests.completed;
  CHECK(report.requests.completed == completed);
  parts.erase(parts.begin());
  CHECK(
      merged(parts, scenario).verdict.reasons.at(0).starts_with("parts 1 and 3 of 4 are missing"));
}

TEST_CASE("parts of different runs are refused, and a part twice", "[parts]") {
  const Scenario scenario = fleet(R"({"users": 40})");
  std::vector<PartReport> parts = parts_of_run(scenario, 3);
  std::vector<PartReport> wrong = parts;
  const std::string start = "part-2.json is not a part of the same run as part-1.json: ";
  wrong[1].report.seed = 6;
  CHECK(refusal(wrong) == start + "its seed is 6, the other's is 5");
  wrong = parts;
  wrong[1].report.tool_version = "9.9.8";
  CHECK(refusal(wrong) == start + "it was measured by version 9.9.8, the other by 9.9.9");
  wrong = parts;
  wrong[1].report.scenario_sha256 = "0";
  CHECK(refusal(wrong) == start + "it ran scenario \"fleet\" from another file than \"fleet\"");
  wrong = parts;
  wrong[1].report.scenario_json = "{}";
  CHECK(refusal(wrong) == start + "its scenario was run with other flags");
  wrong = parts;
  wrong[1].report.part->start = "2026-01-31T13:00:01.000000Z";
  CHECK(refusal(wrong) == start +
                              "it started at 2026-01-31T13:00:01.000000Z, the other at "
                              "2026-01-31T12:00:01.000000Z");
  wrong = parts;
  wrong[1].report.part->part.count = 4;
  CHECK(refusal(wrong) == start + "it is one of 4 parts, the other one of 3");
  wrong = parts;
  wrong[1].report.part.reset();
  CHECK(refusal(wrong) == start + "it is the report of a whole run, not of a part");
  wrong = parts;
  wrong[2] = wrong[1];
  wrong[2].file = "copy.json";
  CHECK(refusal(wrong) == "part-2.json and copy.json are both part 2 of 3");
}

TEST_CASE("a part whose machine could not keep up makes the run inconclusive", "[parts]") {
  const Scenario scenario = fleet(R"({"users": 40})");
  std::vector<PartReport> parts = parts_of_run(scenario, 3);
  parts[1].report.verdict.status = VerdictStatus::inconclusive;
  parts[1].report.verdict.reasons = {"the load generator could not keep up"};
  parts[1].report.client_saturated = true;
  const Report report = merged(parts, scenario);
  CHECK(report.verdict.status == VerdictStatus::inconclusive);
  CHECK(report.verdict.exit_code == kExitInconclusive);
  CHECK(report.verdict.reasons.at(0) == "part 2: the load generator could not keep up");
  CHECK(report.client_saturated);
}

TEST_CASE("a guard that stopped one part stopped the run", "[parts]") {
  const Scenario scenario = fleet(R"({"users": 40})");
  std::vector<PartReport> parts = parts_of_run(scenario, 3);
  parts[0].report.verdict.status = VerdictStatus::guard;
  parts[0].report.verdict.reasons = {"free_slots was 3"};
  const Report report = merged(parts, scenario);
  CHECK(report.verdict.status == VerdictStatus::guard);
  CHECK(report.verdict.reasons.at(0) == "free_slots was 3");
}
