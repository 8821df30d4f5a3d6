// What commands do, called as functions on the virtual clock: no program, no terminal.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "app/gate.h"
#include "app/simulate.h"
#include "app/trials.h"
#include "poolgauge/exit_status.h"

using namespace poolgauge;
using namespace poolgauge::app;

namespace {

/// Eight users share a pool; each request holds its connection for 10 ms.
Scenario eight_users(const std::string& pool_size) {
  const std::string text = R"({"version": 1, "name": "eight", "load": {"users": 8}, "warmup": "1s",
    "duration": "10s", "slo": ["p95(latency) < 30ms"],
    "server": {"settings": {"max_connections": 100}},
    "deployment": {"pool": {"kind": "psycopg", "min_size": 1, "max_size": )" +
                           pool_size + R"(}},
    "requests": [{"name": "ask", "steps": [{"name": "one", "sql": "SELECT 1", "cost": "1ms"},
                                           {"name": "work", "hold": "10ms"}]}]})";
  ScenarioResult read = parse_scenario(text, "eight.json", {});
  REQUIRE(std::holds_alternative<Scenario>(read));
  return std::get<Scenario>(std::move(read));
}

std::optional<std::string> nothing_set(const std::string&) {
  return std::nullopt;
}

/// Keeps what it is told.
struct Kept : ProgressSink {
  void phase(const std::string& what) override { phases.push_back(what); }
  void trouble(const Error& error) override { troubles.push_back(error.message); }
  std::vector<std::string> phases, troubles;
};

/// A folder of its own, removed at the end.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "poolgauge-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const char* name, const std::string& text) const {
    const std::filesystem::path file = path / name;
    std::ofstream(file) << text;
    return file.string();
  }
  std::filesystem::path path;
};

Context context_of(const StopFlag& stop) {
  return {"poolgauge test", nothing_set, stop, "9.9.9", [] { return std::time_t{86400}; }};
}

Model model_of(const Scenario& scenario, const StopFlag& stop) {
  const CostOptions costs;
  const Result<Model> model = make_model({costs, 8}, stop, scenario);
  REQUIRE(model.ok());
  return model.value();
}

std::unique_ptr<World> world_of(const Scenario& scenario, const StopFlag& stop) {
  const Model model = model_of(scenario, stop);
  return simulated_world(model.profile, stop, model.facts);
}

}  // namespace

TEST_CASE("a sweep is a function from a request to a report", "[app]") {
  StopFlag stop;
  const Scenario scenario = eight_users("2");
  const auto world = world_of(scenario, stop);
  SweepRequest request;
  request.simulated = true;
  Kept kept;
  const Result<Report> report =
      sweep(request, context_of(stop), scenario, {1, 8, {1, 4, 8}}, *world, kept, 1, 86400);
  REQUIRE(report.ok());
  CHECK(report.value().command == "sweep");
  CHECK(report.value().command_line == "poolgauge test");
  CHECK(report.value().tool_version == "9.9.9");
  CHECK(report.value().started_at == "1970-01-02T00:00:00Z");
  REQUIRE(report.value().curve);
  REQUIRE(report.value().curve->points.size() == 3);
  CHECK(report.value().curve->points[0].throughput_per_s <
        report.value().curve->points[2].throughput_per_s / 2);
  CHECK(report.value().curve->smallest_meeting_goals == 4);
  CHECK(kept.phases.size() == 3);
}

TEST_CASE("a range that the server cannot take is an error where somebody named it", "[app]") {
  StopFlag stop;
  const Scenario scenario = eight_users("2");
  SweepRequest request;
  request.simulated = true;
  Kept kept;
  SweepRange range{1, 5000, {5, 5000}};
  range.asked = true;
  const auto world = world_of(scenario, stop);
  const Result<Report> report =
      sweep(request, context_of(stop), scenario, range, *world, kept, 1, 0);
  REQUIRE_FALSE(report.ok());
  CAPTURE(report.error().message);
  CHECK(report.error().message.find("5000") != std::string::npos);
  CHECK(kept.phases.empty());
}

TEST_CASE("advise is a function from a question to a report", "[app]") {
  StopFlag stop;
  const Scenario scenario = eight_users("1");
  AdviseRequest request;
  request.simulated = true;
  const Result<AdviseQuestion> question = advise_question(scenario, request);
  REQUIRE(question.ok());
  const auto world = world_of(question.value().grown, stop);
  Kept kept;
  const Result<Report> report =
      advise(request, context_of(stop), question.value(), *world, kept, 1, 86400);
  REQUIRE(report.ok());
  REQUIRE(report.value().recommendation);
  const Recommendation& r = report.value().recommendation.value();
  CHECK(r.total() >= 3);
  CHECK(r.total() <= 8);
  CHECK(r.kind == "psycopg");
  CHECK_FALSE(kept.phases.empty());
}

TEST_CASE("what cannot be advised is refused before anything runs", "[app]") {
  Scenario scenario = eight_users("1");
  scenario.goals.clear();
  const Result<AdviseQuestion> question = advise_question(scenario, {});
  REQUIRE_FALSE(question.ok());
  CHECK(question.error().kind == ErrorKind::usage);
  CHECK(question.error().message == "advise needs at least one goal, and the scenario has none");
}

TEST_CASE("runs that are too short are refused, not called interrupted", "[app]") {
  StopFlag stop;
  Scenario scenario = eight_users("4");
  scenario.duration = std::chrono::seconds(1);
  AdviseRequest request;
  request.simulated = true;
  request.confidence = 0.99;
  scenario.goals.push_back(parse_goal("rate(pool_timeout) <= 0.1%").value());
  const Result<AdviseQuestion> question = advise_question(scenario, request);
  REQUIRE(question.ok());
  const auto world = world_of(question.value().grown, stop);
  Kept kept;
  const Result<Report> report =
      advise(request, context_of(stop), question.value(), *world, kept, 1, 86400);
  REQUIRE_FALSE(report.ok());
  CAPTURE(report.error().message);
  CHECK(report.error().kind == ErrorKind::usage);
  CHECK(report.error().message.find("too short to judge the goals") != std::string::npos);
  CHECK(report.error().message.find("rate(pool_timeout) <= 0.1%") != std::string::npos);
  CHECK(report.error().hint == "use a longer --duration");
  // Somebody's Ctrl-C is still called one.
  StopFlag pressed;
  pressed.request();
  const Result<Report> ended =
      advise(request, context_of(pressed), question.value(), *world, kept, 1, 86400);
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error().kind == ErrorKind::interrupted);
}

TEST_CASE("a gate over simulated pairs needs no program", "[app]") {
  StopFlag stop;
  std::vector<std::string> made;
  const auto gate = [&](const std::string& baseline, const std::string& candidate,
                        Strictness strictness = {}) {
    made.clear();
    const RunOfPair run = [&](std::vector<SavedReport>& to, bool of_baseline, std::uint32_t number,
                              const std::string& pair) -> Status {
      const Scenario scenario = eight_users(of_baseline ? baseline : candidate);
      Result<Report> report = simulate_scenario(scenario, model_of(scenario, stop), number, "",
                                                context_of(stop), 86400);
      if (!report.ok()) return report.error();
      made.push_back(pair + (of_baseline ? " A" : " B"));
      to.push_back({pair, std::move(report).value()});
      return success();
    };
    return gate_pairs({6, true, "before", "after", strictness}, context_of(stop), run,
                      [](const Report& sample) -> Result<std::vector<GateRule>> {
                        return usual_rules(sample.steps, false, sample.kinds);
                      });
  };
  const Result<Report> worse = gate("8", "2");
  REQUIRE(worse.ok());
  REQUIRE(worse.value().gate);
  CHECK(worse.value().gate->verdict == GateVerdict::regression);
  CHECK(worse.value().verdict.exit_code == kExitRegression);
  CHECK(worse.value().command == "gate");
  REQUIRE(made.size() == 12);
  CHECK(made[0] == "pair 1 of 6 A");
  CHECK(made[2] == "pair 2 of 6 B");

  Strictness advisory;
  advisory.advisory = true;
  CHECK(gate("8", "2", advisory).value().verdict.exit_code == kExitSuccess);
  CHECK(gate("8", "8").value().gate->verdict != GateVerdict::regression);
}

TEST_CASE("gate measures a scenario on the virtual clock and keeps its runs", "[app]") {
  StopFlag stop;
  const Folder folder;
  RunRequest run;
  run.scenario = folder.write("eight.json", eight_users("8").resolved_json);
  GateRequest request;
  request.simulated = true;
  request.cores = 8;
  request.runs = 2;
  request.keep_runs = folder.path.string();
  REQUIRE(check_gate(request, run).ok());
  const OrFailure<GateAnswer> answer = gate_scenario(request, run, "nightly", context_of(stop),
                                                     [] { return std::make_unique<Kept>(); });
  REQUIRE(answer.ok());
  CHECK(answer.value().report.command == "gate");
  CHECK(answer.value().report.label == "nightly");
  CHECK(answer.value().report.verdict.exit_code == kExitSuccess);
  CHECK(answer.value().started == 86400);
  CHECK(std::filesystem::exists(folder.path / "eight-19700102T000000Z-2.json"));

  request.pairs = 6;
  CHECK(check_gate(request, run).error().message == "--pairs and --runs cannot be used together");
}

TEST_CASE("everything that is wrong with a scenario is the gate's failure", "[app]") {
  StopFlag stop;
  const Folder folder;
  RunRequest run;
  run.scenario = folder.write("bad.json", R"({"version": 1, "name": "bad", "load": {"user": 8}})");
  const OrFailure<GateAnswer> answer =
      gate_scenario({}, run, "", context_of(stop), [] { return std::make_unique<Kept>(); });
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.failure().diagnostics.size() > 1);
}
