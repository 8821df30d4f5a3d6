// Judging saved reports, and what a gate's options must not be.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "app/gate.h"
#include "base/quantities.h"
#include "files/report_set.h"
#include "gate/gate_words.h"

namespace poolgauge::app {

namespace {

/// --slo; any other key of a scenario would come too late for a saved report.
Result<std::vector<Goal>> more_goals(const RunRequest& run) {
  const Result<std::vector<Override>> overrides = overrides_of(run.flags, {});
  if (!overrides.ok()) return overrides.error();
  std::vector<Goal> goals;
  for (const Override& o : overrides.value()) {
    if (o.key != "slo") {
      return usage_error(o.source + " does not apply: " + run.scenario +
                             " is a saved report, and its settings are fixed",
                         "give a scenario instead to measure with other settings");
    }
    Result<Goal> goal = parse_goal(o.value);
    if (!goal.ok()) {
      return usage_error("--slo: " + goal.error().message, goal.error().hint);
    }
    goals.push_back(std::move(goal).value());
  }
  return goals;
}

/// A usage error for an option that only a comparison uses, where there is nothing to compare with.
Status check_compares(const GateRequest& options) {
  const std::pair<bool, const char*> given[] = {{!options.allowed.empty(), "--allow"},
                                                {!options.judge.metrics.empty(), "--metric"},
                                                {options.judge.noise.has_value(), "--noise"}};
  for (const auto& [is_given, flag] : given) {
    if (!is_given) continue;
    if (options.pairs > 0 && std::string(flag) == "--allow") {
      return usage_error(
          "--allow and --pairs cannot be used together: with --pairs, every difference between "
          "baseline and candidate is intended",
          "remove --allow");
    }
    if (options.pairs > 0 || !options.baselines.empty()) continue;
    return usage_error(
        std::string(flag) +
            " needs a baseline: without one, gate judges the goals "
            "alone",
        "give reports to compare with (--baseline), or measure both sides (--pairs)");
  }
  return success();
}

/// Options that only a scenario can follow.
Status check_saved(const GateRequest& options, const RunRequest& run) {
  const std::pair<bool, const char*> given[] = {
      {options.pairs > 0, "--pairs"},
      {options.runs > 0, "--runs"},
      {!options.baseline_set.empty(), "--baseline-set"},
      {!options.candidate_set.empty(), "--candidate-set"},
      {options.baseline_target.has_value(), "--baseline-target"},
      {options.candidate_target.has_value(), "--candidate-target"},
      {!options.baseline_scenario.empty(), "--baseline-scenario"},
      {!options.keep_runs.empty(), "--keep-runs"},
      {options.no_extend, "--no-extend"},
      {options.simulated, "--simulated"},
      {run.target.conninfo.has_value(), "--target"},
      {run.target.embedded, "--embedded"}};
  for (const auto& [is_given, flag] : given) {
    if (!is_given) continue;
    return usage_error(
        std::string(flag) + " does not apply: " + run.scenario + " is a saved report",
        "give a scenario instead to measure it");
  }
  return success();
}

/// The first flag that changes one side alone; empty: both sides are alike.
std::string side_flag(const GateRequest& options) {
  if (!options.baseline_set.empty()) return "--baseline-set";
  if (!options.candidate_set.empty()) return "--candidate-set";
  if (options.baseline_target) return "--baseline-target";
  if (options.candidate_target) return "--candidate-target";
  return options.baseline_scenario.empty() ? "" : "--baseline-scenario";
}

Error one_side_only(const GateRequest& options, const RunRequest& run) {
  return usage_error(
      side_flag(options) + " needs --pairs: without it, gate does not measure a baseline",
      "say how many pairs of baseline and candidate to measure, for example:\n"
      "  poolgauge gate " +
          run.scenario +
          " --pairs 6 --baseline-set pool_size=20 --candidate-set pool_size=15\n"
          "--baseline-set, --baseline-target, and --baseline-scenario change the baseline;\n"
          "--candidate-set and --candidate-target change the candidate");
}

Status check_measured(const GateRequest& options, const RunRequest& run) {
  if (options.pairs > 0 && !options.baselines.empty()) {
    return usage_error(
        "--pairs and --baseline cannot be used together: --pairs measures its own baseline",
        "remove one of them");
  }
  if (options.pairs > 0 && options.runs > 0) {
    return usage_error("--pairs and --runs cannot be used together", "use only one of them");
  }
  if (options.pairs == 0 && !side_flag(options).empty()) {
    return one_side_only(options, run);
  }
  if (options.pairs == 0 && options.no_extend) {
    return usage_error("--no-extend applies only to --pairs", "remove it, or use --pairs");
  }
  if (const Status used = check_compares(options); !used.ok()) return used;
  if (options.pairs == 0) return success();
  // A comparison that can call nothing worse is not worth its time.
  const std::size_t gated = options.judge.metrics.empty() ? 3 : options.judge.metrics.size();
  constexpr double kAlpha = 0.05;
  const std::size_t fewest = fewest_pairs(gated, kAlpha);
  if (options.pairs >= fewest || !options.no_extend) return success();
  return usage_error(fmt::format("--pairs {}: too few pairs to show a regression of {} metrics",
                                 options.pairs, gated),
                     fmt::format("use at least --pairs {}", fewest));
}

}  // namespace

Status check_gate(const GateRequest& request, const RunRequest& run) {
  if (!names_reports(run.scenario)) return check_measured(request, run);
  if (const Status saved = check_saved(request, run); !saved.ok()) return saved;
  return check_compares(request);
}

Result<GateAnswer> gate_reports(const GateRequest& request, const RunRequest& run,
                                const Context& context) {
  const Result<std::vector<Goal>> goals = more_goals(run);
  if (!goals.ok()) return goals.error();
  Result<std::vector<SavedReport>> candidate = load_reports({run.scenario}, "");
  if (!candidate.ok()) return candidate.error();
  Sides sides;
  sides.candidate = std::move(candidate).value();
  sides.allowed = request.allowed;
  const Report& first = sides.candidate.front().report;
  if (!request.baselines.empty()) {
    Result<std::vector<SavedReport>> baseline = load_baseline(request, first);
    if (!baseline.ok()) return baseline.error();
    sides.baseline = std::move(baseline).value();
  }
  const Result<std::vector<GateRule>> rules = rules_of(request.judge, first);
  if (!rules.ok()) return rules.error();
  GateAnswer answer{judged(sides, rules.value(), goals.value(), request.judge)};
  answer.report.command = "gate";
  answer.report.command_line = context.command_line;
  return answer;
}

Result<std::vector<SavedReport>> load_baseline(const GateRequest& request,
                                               const Report& candidate) {
  Result<std::vector<SavedReport>> baseline =
      load_reports(request.baselines, candidate.scenario_name);
  if (!baseline.ok()) return baseline;
  std::vector<std::string> fields = comparable_fields(candidate);
  for (const SavedReport& saved : baseline.value()) {
    for (std::string& field : comparable_fields(saved.report)) fields.push_back(std::move(field));
  }
  if (const Status known = check_allowed(request.allowed, fields); !known.ok()) {
    return known.error();
  }
  return baseline;
}

Result<Comparison> compare(const CompareRequest& request, const Context& context) {
  Result<std::vector<SavedReport>> after = load_reports({request.after}, "");
  if (!after.ok()) return after.error();
  const std::string& scenario = after.value().front().report.scenario_name;
  const bool one_name = request.before.find(',') == std::string::npos;
  Result<std::vector<SavedReport>> before =
      load_reports({request.before}, one_name ? scenario : "");
  if (!before.ok()) return before.error();
  Comparison made;
  Sides& sides = made.sides;
  sides.baseline = std::move(before).value();
  sides.candidate = std::move(after).value();
  sides.paired = request.paired;
  sides.differing = Differing::shown;
  if (sides.paired && sides.baseline.size() != sides.candidate.size()) {
    return usage_error("--paired needs the same number of reports on both sides, found " +
                       std::to_string(sides.baseline.size()) + " and " +
                       std::to_string(sides.candidate.size()));
  }
  const Result<std::vector<GateRule>> rules =
      rules_of(request.judge, sides.candidate.front().report);
  if (!rules.ok()) return rules.error();
  JudgeOptions judge = request.judge;
  judge.advisory = true;
  made.report = judged(sides, rules.value(), {}, judge);
  made.report.command = "compare";
  made.report.command_line = context.command_line;
  return made;
}

}  // namespace poolgauge::app
