// `gate`: judges a saved report, or runs a scenario and judges that.
#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/args/overrides.h"
#include "cli/commands/commands.h"
#include "cli/commands/gate_rules.h"
#include "cli/commands/gate_runs.h"
#include "cli/commands/outputs.h"
#include "cli/shell/messages.h"
#include "cli/shell/report_set.h"
#include "gate/differences.h"

namespace poolgauge::cli {

namespace {

/// --slo; any other key of a scenario would come too late for a saved report.
Result<std::vector<Goal>> more_goals(const GateOptions& options) {
  const auto nothing = [](const std::string&) -> std::optional<std::string> {
    return std::nullopt;
  };
  const Result<std::vector<Override>> overrides = overrides_of(options.run.flags, nothing);
  if (!overrides.ok()) return overrides.error();
  std::vector<Goal> goals;
  for (const Override& o : overrides.value()) {
    if (o.key != "slo") {
      return usage_error(o.source + " does not apply: " + options.run.scenario +
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

/// Options that only a scenario can follow.
Status check_saved(const GateOptions& options) {
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
      {options.run.target.conninfo.has_value(), "--target"},
      {options.run.target.embedded, "--embedded"}};
  for (const auto& [is_given, flag] : given) {
    if (!is_given) continue;
    return usage_error(
        std::string(flag) + " does not apply: " + options.run.scenario + " is a saved report",
        "give a scenario instead to measure it");
  }
  return success();
}

/// A path to nothing may have been meant as a report or as a scenario.
Status check_there(const std::string& argument) {
  const bool is_path = argument.find('/') != std::string::npos || argument.ends_with(".json");
  std::error_code ignored;
  if (!is_path || argument.find(',') != std::string::npos ||
      std::filesystem::exists(argument, ignored)) {
    return success();
  }
  return usage_error(argument + ": no such file or directory",
                     "give a report, a directory of reports, a scenario file, or the name of a "
                     "built-in scenario (poolgauge scenario list)");
}

}  // namespace

int gate_command(const GateOptions& options, const Context& context) {
  if (const Status there = check_there(options.run.scenario); !there.ok()) {
    return fail(there.error());
  }
  if (!names_reports(options.run.scenario)) return gate_scenario(options, context);
  if (const Status saved = check_saved(options); !saved.ok()) return fail(saved.error());
  if (const Status used = check_compares(options); !used.ok()) return fail(used.error());
  if (const Status checked = check_outputs(options.run.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  const Result<std::vector<Goal>> goals = more_goals(options);
  if (!goals.ok()) return fail(goals.error());
  Result<std::vector<SavedReport>> candidate = load_reports({options.run.scenario}, "");
  if (!candidate.ok()) return fail(candidate.error());
  Sides sides;
  sides.candidate = std::move(candidate).value();
  sides.allowed = options.allowed;
  const Report& first = sides.candidate.front().report;
  if (!options.baselines.empty()) {
    Result<std::vector<SavedReport>> baseline =
        load_reports(options.baselines, first.scenario_name);
    if (!baseline.ok()) return fail(baseline.error());
    sides.baseline = std::move(baseline).value();
    std::vector<std::string> fields = comparable_fields(first);
    for (const SavedReport& saved : sides.baseline) {
      for (std::string& field : comparable_fields(saved.report)) fields.push_back(std::move(field));
    }
    if (const Status known = check_allowed(options.allowed, fields); !known.ok()) {
      return fail(known.error());
    }
  }
  Result<std::vector<GateRule>> rules = rules_of(options.judge, first);
  if (!rules.ok()) return fail(rules.error());
  Report report = judged(sides, rules.value(), goals.value(), options.judge);
  report.command = "gate";
  report.command_line = context.command_line;
  return show_judged(report, options.run.output, "");
}

}  // namespace poolgauge::cli
