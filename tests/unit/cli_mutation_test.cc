// Documents of chance: each value of a scenario or a report replaced by any other. What comes back
// is a value or a list of mistakes; nothing is thrown, and what was accepted can be run and shown.
// POOLGAUGE_MUTATIONS=N makes more of them than the suite has time for.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "files/outputs.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"

using namespace poolgauge;

namespace {

using Json = nlohmann::ordered_json;

std::string content_of(const std::string& file) {
  std::ifstream in(std::string(POOLGAUGE_SOURCE_DIR) + "/" + file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void collect(const Json& json, const Json::json_pointer& at,
             std::vector<Json::json_pointer>& pointers) {
  pointers.push_back(at);
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) {
    collect(value, json.is_array() ? at / std::stoul(key) : at / key, pointers);
  }
}

const std::vector<Json>& values() {
  static const std::vector<Json> all = {nullptr,
                                        true,
                                        false,
                                        0,
                                        1,
                                        -1,
                                        2,
                                        0.5,
                                        -0.5,
                                        1e-300,
                                        1e300,
                                        -1e300,
                                        255,
                                        65536,
                                        std::int64_t{2147483648},
                                        std::int64_t{4294967296},
                                        std::int64_t{9223372036854775807},
                                        std::uint64_t{18446744073709551615U},
                                        std::int64_t{-9223372036854775807},
                                        18446744073709551616.0,
                                        "",
                                        "x",
                                        "0",
                                        "-1",
                                        "0s",
                                        "1ns",
                                        "-1s",
                                        "365d",
                                        "99999999999h",
                                        "1e9s",
                                        "auto",
                                        "\x1b[2J",
                                        std::string("\0", 1),
                                        std::string(5000, 'y'),
                                        "p95(latency) < 1s",
                                        "SELECT 1",
                                        ":a",
                                        "$1",
                                        Json::array(),
                                        Json::object(),
                                        Json::array({1}),
                                        Json::array({Json::array()}),
                                        Json::object({{"a", 1}}),
                                        Json::array({nullptr, "x", Json::object()})};
  return all;
}

/// One value replaced, or a member left out or added.
Json mutant(const Json& document, const std::vector<Json::json_pointer>& pointers, Rng& rng) {
  Json changed = document;
  const auto any = [&rng](std::size_t size) {
    return static_cast<std::size_t>(rng.uniform_int(0, static_cast<std::int64_t>(size) - 1));
  };
  const int changes = rng.uniform_int(0, 3) == 0 ? 2 : 1;
  for (int i = 0; i < changes; ++i) {
    const Json::json_pointer& pointer = pointers[any(pointers.size())];
    if (!changed.contains(pointer)) continue;
    Json& place = changed[pointer];
    const std::int64_t kind = rng.uniform_int(0, 9);
    if (kind == 0 && place.is_object() && !place.empty()) {
      auto member = place.begin();
      std::advance(member, any(place.size()));
      place.erase(member);
    } else if (kind == 1 && place.is_array() && !place.empty()) {
      place.push_back(place.front());
    } else if (kind == 2 && !pointers.empty()) {
      place = document[pointers[any(pointers.size())]];
    } else {
      place = values()[any(values().size())];
    }
  }
  return changed;
}

int mutations(int otherwise) {
  const char* const wanted = std::getenv("POOLGAUGE_MUTATIONS");
  return wanted != nullptr ? std::atoi(wanted) : otherwise;
}

std::uint64_t seed_of_the_run() {
  const char* const wanted = std::getenv("POOLGAUGE_MUTATION_SEED");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1;
}

/// Small enough to be simulated many times over.
bool is_small(const Scenario& scenario) {
  constexpr std::int64_t kMost = 2000;
  const Deployment& deployment = scenario.deployment;
  if (std::int64_t{deployment.fleet()} > kMost) return false;
  if (const auto* closed = std::get_if<ClosedLoad>(&scenario.load)) return closed->users <= kMost;
  if (const auto* open = std::get_if<OpenLoad>(&scenario.load)) return open->rate_per_s <= 1e5;
  const auto* burst = std::get_if<BurstLoad>(&scenario.load);
  return burst == nullptr || burst->size <= kMost;
}

void run_and_show(Scenario scenario) {
  if (!is_small(scenario)) return;
  scenario.duration = std::min(scenario.duration, Duration(std::chrono::milliseconds(20)));
  scenario.warmup = std::min(scenario.warmup, Duration(std::chrono::milliseconds(10)));
  scenario.warmup_auto = false;
  const StopFlag stop;
  const Measurement measured = simulate(scenario, ServerProfile{}, 1, stop);
  RunFacts facts;
  facts.tool_version = "0.1.0";
  facts.command = "simulate";
  facts.started_at = "2026-01-31T12:00:00Z";
  facts.pool_options.resize(scenario.deployment.pool_count());
  const Report report = as_saved(make_report(scenario, measured, facts));
  CHECK_FALSE(to_markdown(report).empty());
}

constexpr const char* kScenario = R"({
  "version": 1, "name": "m", "description": "d",
  "variables": { "id": { "uniform": [1, 100] }, "z": { "zipf": { "range": [1, 50], "s": 1.1 } },
                 "t": { "text": 20 }, "c": { "choice": ["a", "b"] }, "n": { "sequence": 1 } },
  "requests": [
    { "name": "a", "weight": 2, "transaction": true, "steps": [
      { "name": "one", "sql": "SELECT :id, :t" },
      { "name": "wait", "hold": { "lognormal": { "median": "1ms", "p95": "4ms" } } },
      { "name": "two", "sql": "SELECT :c, :n", "protocol": "simple" } ] },
    { "name": "b", "weight": 1, "steps": [
      { "name": "one", "sql": "SELECT :z" }, { "name": "rest", "pause": { "exponential": "1ms" } },
      { "name": "last", "sql": "SELECT 1" } ] } ],
  "load": { "users": 5, "think": { "normal": { "mean": "1ms", "stddev": "1ms" } } },
  "warmup": "0s", "duration": "20ms", "deadline": "2s",
  "deployment": { "instances": 2, "processes": 2, "pool": { "kind": "sqlalchemy", "pool_size": 2,
    "max_overflow": 1, "timeout": "1s", "recycle": "1h", "pre_ping": true } },
  "slo": [ "p95(latency) < 1s", "rate(error) <= 1%" ] })";

}  // namespace

TEST_CASE("mutated scenarios are refused or run, never a surprise") {
  std::vector<std::string> texts = {kScenario};
  const std::vector<std::string> loads = {
      R"({ "rate": 200, "arrivals": "constant" })", R"({ "burst": 20, "every": "5ms" })",
      R"({ "stages": [ { "for": "9ms", "users": 3 }, { "for": "9ms", "users": 1 } ] })"};
  for (const std::string& load : loads) {
    Json document = Json::parse(kScenario);
    document["load"] = Json::parse(load);
    texts.push_back(document.dump());
  }
  Rng rng(seed_of_the_run(), 1);
  std::size_t accepted = 0;
  const int count = mutations(300);
  for (int i = 0; i < count; ++i) {
    const Json document = Json::parse(texts[static_cast<std::size_t>(i) % texts.size()]);
    std::vector<Json::json_pointer> pointers;
    collect(document, Json::json_pointer(), pointers);
    const std::string text = mutant(document, pointers, rng).dump();
    INFO(text);
    const ScenarioResult result = parse_scenario(text, "mutant.json", {});
    const auto* scenario = std::get_if<Scenario>(&result);
    if (scenario == nullptr) {
      CHECK_FALSE(std::get<std::vector<Diagnostic>>(result).empty());
      continue;
    }
    ++accepted;
    // What was resolved is a scenario, and the same one.
    const ScenarioResult again = parse_scenario(scenario->resolved_json, "resolved.json", {});
    REQUIRE(std::holds_alternative<Scenario>(again));
    run_and_show(*scenario);
  }
  CHECK(accepted > static_cast<std::size_t>(count) / 20);
}

TEST_CASE("mutated reports are refused or shown in every form, never a surprise") {
  Rng rng(seed_of_the_run(), 2);
  const Json document = [] {
    Json whole = Json::parse(content_of("reports/example-chat-100.json"));
    for (const char* const list : {"histograms", "timeline", "steps"}) {
      Json few = Json::array();
      for (std::size_t i = 0; i < 2; ++i) few.push_back(whole[list][i]);
      whole[list] = few;
    }
    for (Json& request : whole["calibration"]["requests"]) {
      request["samples"].erase(request["samples"].begin() + 2, request["samples"].end());
    }
    return whole;
  }();
  std::vector<Json::json_pointer> pointers;
  collect(document, Json::json_pointer(), pointers);
  std::size_t accepted = 0;
  const int count = mutations(300);
  for (int i = 0; i < count; ++i) {
    const Json changed = mutant(document, pointers, rng);
    const Result<Report> report = report_from_json(changed.dump(), "mutant.json");
    if (!report.ok()) continue;
    ++accepted;
    INFO(Json::diff(document, changed).dump());
    for (const files::ReportFormat& format : files::report_formats()) format.render(report.value());
    to_terminal(report.value(), {});
    side_by_side(report.value(), report.value(), {});
    const Result<Measurement> measured = measurement_of(report.value());
    if (!measured.ok()) continue;
    Measurement sum = measured.value();
    sum.merge(measured.value());
  }
  CHECK(accepted > static_cast<std::size_t>(count) / 20);
}
