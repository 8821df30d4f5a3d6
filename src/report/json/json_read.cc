// A saved report back into a value: everything to_json writes, and a clear refusal of the rest.
#include <fmt/format.h>

#include <algorithm>

#include "assess/goals.h"
#include "assess/sentences.h"
#include "base/check.h"
#include "base/json_layout.h"
#include "poolgauge/report.h"
#include "report/json/histograms.h"
#include "report/json/json_node.h"
#include "report/json/json_parts.h"
#include "report/json/report_fields.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;
/// Our own reports nest about ten deep; a limit keeps strangers' files off the stack.
constexpr std::size_t kMaxDepth = 100;

std::size_t nesting_depth(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

std::string place_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return fmt::format("{}:{}", lines + 1, column);
}

Error refused(const std::string& message, const std::string& hint) {
  return Error{ErrorKind::usage, message, hint};
}

constexpr const char* kWhatReportsAre = "give a report that poolgauge wrote with --json or --out";

Error no_json(std::string_view text, const std::string& file, std::size_t byte) {
  const std::optional<FileForm> form = form_of(text);
  if (form && *form != FileForm::empty) {
    const bool rendered = *form == FileForm::markdown || *form == FileForm::xml;
    return refused(
        fmt::format("{}:1:1: expected a report in JSON; this looks like {}", file, name_of(*form)),
        rendered ? "use the .json file next to it" : kWhatReportsAre);
  }
  const bool cut = byte > text.size();
  return refused(fmt::format("{}:{}: {}", file, place_of(text, byte),
                             cut ? "the report is truncated: the file is incomplete or empty"
                                 : "not valid JSON"),
                 cut ? "get the complete file, or measure again" : kWhatReportsAre);
}

Result<Json> parse(std::string_view text, const std::string& file) {
  if (nesting_depth(text) > kMaxDepth) {
    return refused(fmt::format("{}: nested too deeply for a report", file), kWhatReportsAre);
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    return no_json(text, file, error.byte);
  } catch (const Json::exception&) {
    return refused(fmt::format("{}: a number is too large to read", file), "");
  }
}

/// Foreign files and newer reports are told apart before any figure is read.
Status check_origin(const JsonNode& root, const std::string& file) {
  const std::string hint = kWhatReportsAre;
  const JsonNode version = root["schema_version"];
  const Json* tool = root["tool"]["name"].json();
  if (!root["requests"].absent() && !root["load"].absent() && version.absent()) {
    return refused(fmt::format("{}: expected a report; this is a scenario", file),
                   "poolgauge run FILE measures it and writes a report");
  }
  if (version.absent() || tool == nullptr || *tool != "poolgauge") {
    return refused(fmt::format("{}: this is not a poolgauge report", file), hint);
  }
  if (!version.json()->is_number_integer() || version.integer() < 1) {
    return refused(
        fmt::format("{}: /schema_version: expected 1, found {}", file, version.json()->dump()),
        hint);
  }
  if (version.integer() > kSchemaVersion) {
    return refused(fmt::format("{}: /schema_version: the report has version {}, this poolgauge "
                               "reads version {}",
                               file, version.integer(), kSchemaVersion),
                   "use the poolgauge that wrote it, or a newer one");
  }
  return success();
}

void read_identity(Report& report, const JsonNode& root) {
  report.tool_version = root["tool"]["version"].text();
  report.command = root["command"].text();
  report.command_line = root["command_line"].text_or("");
  report.started_at = root["started_at"].text();
  report.label = root["label"].text_or("");
  report.commit = root["commit"].text_or("");
  report.seed = root["seed"].count();
  report.partial = root["partial"].flag();
  report.part = read_part(root["part"]);
  report.parts = read_parts(root["parts"]);
  const JsonNode scenario = root["scenario"];
  report.scenario_name = scenario["name"].text();
  report.scenario_description = scenario["description"].text_or("");
  report.scenario_file = scenario["file"].text_or("");
  report.scenario_sha256 = scenario["sha256"].text();
  report.load_text = scenario["load"].text_or("");
  report.pool_text = scenario["pool"].text_or("");
  report.fleet_text = scenario["fleet"].text_or("");
  const JsonNode resolved = scenario["resolved"];
  if (!resolved.is_null()) {
    report.scenario_json = resolved.json()->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

void read_target(Report& report, const JsonNode& node) {
  report.target.kind = node["kind"].text();
  report.target.address = node["address"].text_or("");
  report.target.named_by = node["named_by"].text_or("");
  report.target.server_version = node["server_version"].text_or("");
  if (!node["max_connections"].is_null()) {
    report.target.max_connections = node["max_connections"].integer();
  }
  if (!node["reserved_connections"].is_null()) {
    report.target.reserved_connections = node["reserved_connections"].integer();
  }
  report.target.pooler = InJson<std::optional<PoolerFacts>>::read(node["pooler"]);
  if (const JsonNode simulation = node["simulation"]; !simulation.is_null()) {
    report.target.simulation = SimulationFacts{
        simulation["costs"].text(), simulation["assumes"].text(), simulation["locks"].text_or("")};
  }
  report.target.replica = InJson<std::optional<ReplicaFacts>>::read(node["replica"]);
}

VerdictStatus read_status(const JsonNode& node, int exit_code) {
  const std::string name = node.text();
  if (name == "pass") return VerdictStatus::pass;
  if (name == "slo_missed") return VerdictStatus::slo_missed;
  if (name == "regression") return VerdictStatus::regression;
  if (name == "guard") return VerdictStatus::guard;
  if (name == "inconclusive") {
    return exit_code == 130 ? VerdictStatus::interrupted : VerdictStatus::inconclusive;
  }
  node.expected("pass, slo_missed, regression, inconclusive or guard");
  return VerdictStatus::inconclusive;
}

Verdict read_verdict(const JsonNode& node) {
  Verdict verdict;
  const std::uint32_t exit_code = node["exit_code"].small_count();
  if (exit_code > 255) node["exit_code"].expected("an exit status");
  verdict.exit_code = static_cast<int>(exit_code & 0xffU);
  verdict.status = read_status(node["status"], verdict.exit_code);
  for (const JsonNode& reason : node["reasons"].items()) verdict.reasons.push_back(reason.text());
  for (const JsonNode& slo : node["slo"].items()) {
    GoalResult goal = InJson<GoalResult>::read(slo);
    goal.at_least = slo["at_least"].maybe_number();
    if (!slo["windows"].is_null()) goal.windows = slo["windows"].small_count();
    goal.worst_at_s = slo["worst_at_s"].maybe_number();
    goal.ended_the_run = !slo["ended_the_run"].is_null() && slo["ended_the_run"].flag();
    if (const std::string label = slo["not_judged"].text_or(""); !label.empty()) {
      using OpenBy = GoalResult::OpenBy;
      GoalResult without_runs;
      without_runs.open_by = OpenBy::runs;
      goal.open_by = label == no_locks_label()           ? OpenBy::locks
                     : label == open_label(without_runs) ? OpenBy::runs
                                                         : OpenBy::costs;
    }
    goal.why = slo["why"].text_or("");
    verdict.goals.push_back(std::move(goal));
  }
  if (!node["unjudged"].is_null()) {
    for (const JsonNode& one : node["unjudged"].items()) verdict.unjudged.push_back(one.text());
  }
  return verdict;
}

Steadiness read_steadiness(const JsonNode& window) {
  Steadiness steady;
  steady.automatic = !window["warmup_auto"].is_null() && window["warmup_auto"].flag();
  steady.reached = window["warmup_reached"].is_null() || window["warmup_reached"].flag();
  steady.known = !window["steady"].is_null();
  steady.after_s = window["steady_after_s"].maybe_number();
  return steady;
}

}  // namespace

Result<Report> report_from_json(std::string_view text, const std::string& file) {
  const Result<Json> json = parse(text, file);
  if (!json.ok()) return json.error();
  JsonProblem problem;
  const JsonNode root(&json.value(), "", problem);
  if (const Status origin = check_origin(root, file); !origin.ok()) return origin.error();

  Report report;
  read_identity(report, root);
  read_target(report, root["target"]);
  if (!root["machine"].is_null()) report.machine = InJson<MachineFacts>::read(root["machine"]);
  report.verdict = read_verdict(root["verdict"]);
  if (!root["gate"].is_null()) report.gate = read_gate(root["gate"]);
  report.warmup_s = root["window"]["warmup_s"].number_or(0);
  report.window_s = root["window"]["measured_s"].number_or(0);
  report.steady = read_steadiness(root["window"]);
  read_figures(report, root);
  report.prediction = read_prediction(root["prediction"]);
  report.calibration = read_calibration(root["calibration"]);
  if (!root["pooler"].is_null()) report.pooler = InJson<PoolerView>::read(root["pooler"]);
  report.histograms = read_histograms(root["histograms"], report.slice_s);
  if (!root["recommendation"].is_null()) {
    report.recommendation = read_recommendation(root["recommendation"]);
  }
  report.curve = InJson<std::optional<Curve>>::read(root["curve"]);
  if (!root["notes"].is_null()) {
    for (const JsonNode& note : root["notes"].items()) report.notes.push_back(note.text());
  }
  if (!problem.message.empty()) {
    return refused(fmt::format("{}: {}: {}", file, problem.path, problem.message),
                   "the file was edited by hand or is incomplete");
  }
  return report;
}

Report as_saved(const Report& report) {
  Result<Report> saved = report_from_json(to_json(report), "report");
  POOLGAUGE_CHECK(saved.ok(), "a report that we write is one that we read");
  return std::move(saved).value();
}

}  // namespace poolgauge
