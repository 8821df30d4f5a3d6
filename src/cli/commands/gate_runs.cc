// Which runs are made, in which order, and what becomes of them.
#include "cli/commands/gate_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/gate_pairs.h"
#include "app/simulate.h"
#include "base/text.h"
#include "cli/args/overrides.h"
#include "cli/commands/gate_rules.h"
#include "cli/commands/load.h"
#include "cli/commands/measure.h"
#include "cli/commands/outputs.h"
#include "cli/commands/stage.h"
#include "cli/shell/messages.h"
#include "cli/shell/redaction.h"
#include "cli/shell/report_set.h"
#include "cli/shell/terminal.h"
#include "cli/shell/wall_clock.h"
#include "gate/differences.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/pool_flags.h"

namespace poolgauge::cli {

namespace {

/// Exact ranks need four runs beside four.
constexpr std::uint32_t kRunsBesideBaseline = 4;

/// What is run for one side.
struct Arm {
  std::string name;
  Scenario scenario;
  RunOptions options;
};

/// "pool_size=19": a key of the scenario that has a flag, or an option of the pool.
Result<Override> override_of(const std::string& flag, const std::string& typed) {
  const std::size_t equals = typed.find('=');
  if (equals == std::string::npos || equals == 0) {
    return usage_error(flag + ": expected KEY=VALUE, found \"" + typed + "\"",
                       "for example " + flag + " pool_size=19");
  }
  std::string key = typed.substr(0, equals);
  std::replace(key.begin(), key.end(), '-', '_');
  const auto names = override_names();
  const bool known = std::any_of(names.begin(), names.end(), [&key](const OverrideName& name) {
    return name.key != nullptr && key == name.key;
  });
  if (!known) key = (find_pool_flag(key) ? "pool:" : "option:") + key;
  return Override{flag + " " + typed.substr(0, equals), key, typed.substr(equals + 1)};
}

/// How one side differs from what both have in common.
struct ArmWords {
  const char* name;
  const char* flag;
  const std::vector<std::string>& set;
  const std::optional<std::string>& target;
  const std::string& scenario;
};

std::string name_of(const ArmWords& words) {
  std::string name;
  const auto add = [&name](const std::string& part) { name += (name.empty() ? "" : ", ") + part; };
  if (!words.scenario.empty()) add(words.scenario);
  for (const std::string& set : words.set) add(set);
  if (words.target) add(shown_word(*words.target));
  return name.empty() ? words.name : fmt::format("{} {}", words.name, name);
}

/// The exit status after the reason has been printed, or the side.
std::variant<Arm, int> arm_of(const GateOptions& options, const Context& context,
                              const ArmWords& words) {
  std::vector<Override> more;
  for (const std::string& typed : words.set) {
    Result<Override> made = override_of(words.flag, typed);
    if (!made.ok()) return fail(made.error());
    more.push_back(std::move(made).value());
  }
  const std::string& file = words.scenario.empty() ? options.run.scenario : words.scenario;
  Loaded loaded = load(file, options.run.flags, context.environment, more);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  // A pair needs whole runs on both sides; alone, a goal may end a run.
  Scenario& scenario = std::get<Scenario>(loaded);
  for (Goal& goal : scenario.goals) goal.abort_on_fail = goal.abort_on_fail && options.pairs == 0;
  Arm arm{name_of(words), std::get<Scenario>(std::move(loaded)), options.run};
  if (words.target) {
    arm.options.target.conninfo = words.target;
    arm.options.target.named_by = fmt::format("--{}-target", words.name);
  }
  return arm;
}

/// Makes the runs of one gate and keeps what they gave.
class Runs {
 public:
  Runs(const GateOptions& options, const Context& context)
      : options_(options),
        context_(context),
        terminal_(inspect_terminal(2, options.run.output.no_color)) {}

  /// Appends one run. Interrupted ones are no sample and are dropped.
  Status add(std::vector<SavedReport>& to, const Arm& arm, std::uint32_t number,
             const std::string& what) {
    const std::time_t started = wall_clock();
    Result<Report> report = run(arm, options_.run.seed + number - 1, what, started);
    if (!report.ok()) return report.error();
    if (context_.stop.requested()) {
      return Error{ErrorKind::interrupted, "interrupted before all runs of the gate were complete",
                   ""};
    }
    std::string source = fmt::format("{} ({})", report.value().started_at, what);
    const std::string unusable = unusable_run(report.value());
    if (!options_.keep_runs.empty() && !unusable.empty()) {
      // The directory is the next gate's baseline.
      print_err(fmt::format("poolgauge: {} is not saved in {}: {}\n", what, options_.keep_runs,
                            unusable));
    } else if (!options_.keep_runs.empty()) {
      const Result<KeptReport> kept = keep_report(options_.keep_runs, report.value(), started);
      if (!kept.ok()) return kept.error();
      source = kept.value().json;
    }
    last_ = report.value();
    if (last_->verdict.status == VerdictStatus::guard) {
      return Error{ErrorKind::guard, last_->verdict.reasons.front(), "no further run was started"};
    }
    ++complete_;
    to.push_back({source, std::move(report).value()});
    return success();
  }

  /// Where a guard has ended one of the runs, or kept the next one from starting: the last report,
  /// which says so. Nothing is compared then.
  std::optional<Report> stopped_by(const Error& guard) const {
    if (guard.kind != ErrorKind::guard || !last_) return std::nullopt;
    Report report = *last_;
    report.command = "gate";
    report.command_line = context_.command_line;
    report.partial = true;
    report.verdict.status = VerdictStatus::guard;
    report.verdict.exit_code = kExitGuard;
    report.verdict.reasons = {guard.message};
    report.notes.push_back(fmt::format(
        "The gate compared nothing: a guard stopped it after {}. This report is that of the last "
        "run.",
        counted(complete_, "complete run")));
    return report;
  }

 private:
  Result<Report> run(const Arm& arm, std::uint64_t seed, const std::string& what,
                     std::time_t started) {
    const OutputOptions& output = arm.options.output;
    if (options_.simulated) {
      const Result<Model> model = model_of(arm);
      if (!model.ok()) return model.error();
      return simulate_scenario(arm.scenario, model.value(), seed, output.label, context_, started);
    }
    ProgressPrinter progress(progress_mode(output.progress, output.quiet, terminal_), terminal_,
                             output.quiet);
    progress.phase(what);
    RunOptions options = arm.options;
    options.seed = seed;
    options.safety.under_way = last_.has_value();
    return measure_scenario(options, context_, arm.scenario, progress, started);
  }

  /// Made once for each side: it may have to be measured.
  Result<Model> model_of(const Arm& arm) {
    const auto known = models_.find(arm.name);
    if (known != models_.end()) return known->second;
    const OutputOptions& output = arm.options.output;
    ProgressPrinter progress(progress_mode(output.progress, output.quiet, terminal_), terminal_,
                             output.quiet);
    const Result<Model> made = cli::model_of(arm.options, options_.costs, options_.cores, context_,
                                             arm.scenario, progress);
    if (made.ok()) models_.emplace(arm.name, made.value());
    return made;
  }

  const GateOptions& options_;
  const Context& context_;
  Terminal terminal_;
  std::map<std::string, Model> models_;
  std::optional<Report> last_;
  std::int64_t complete_ = 0;
};

/// Keeps the report and tells; the goals were judged with each run.
int finish_gate(const Report& judged_report, const GateOptions& options, std::time_t started) {
  const OutputOptions& output = options.run.output;
  const Result<KeptReport> kept = keep_report(output.directory, as_saved(judged_report), started);
  if (!kept.ok()) return fail(kept.error());
  return show_judged(judged_report, output, "report       " + kept.value().json + "  .md\n");
}

Report settled(const Sides& sides, const std::vector<GateRule>& rules, const GateOptions& options,
               const Context& context) {
  Report report = judged(sides, rules, {}, options.judge);
  report.command = "gate";
  report.command_line = context.command_line;
  return report;
}

/// The status of a gate that could not make all of its runs.
int finish_early(const Error& why, const Runs& runs, const GateOptions& options,
                 std::time_t started) {
  const std::optional<Report> stopped = runs.stopped_by(why);
  return stopped ? finish_gate(*stopped, options, started) : fail(why);
}

/// Says before the time is spent that nothing differs between the two sides.
void warn_of_same_sides(const GateOptions& options, const Arm& baseline, const Arm& candidate) {
  const bool targets = options.baseline_target || options.candidate_target;
  if (targets || baseline.scenario.resolved_json != candidate.scenario.resolved_json) return;
  print_err(
      "poolgauge: baseline and candidate have the same settings: this measures only the noise "
      "between runs. To compare a change, use --candidate-set KEY=VALUE, --candidate-target, or "
      "--baseline-scenario.\n");
}

int run_pairs(const GateOptions& options, const Context& context, const Arm& baseline,
              const Arm& candidate) {
  warn_of_same_sides(options, baseline, candidate);
  const std::time_t started = wall_clock();
  Runs runs(options, context);
  const PairsRequest request{options.pairs, !options.no_extend, baseline.name, candidate.name,
                             options.judge};
  const Result<Report> report = gate_pairs(
      request, context,
      [&](std::vector<SavedReport>& to, bool of_baseline, std::uint32_t number,
          const std::string& pair) {
        const Arm& arm = of_baseline ? baseline : candidate;
        return runs.add(to, arm, number, pair + ", " + arm.name);
      },
      [&options](const Report& sample) { return rules_of(options.judge, sample); });
  if (!report.ok()) return finish_early(report.error(), runs, options, started);
  return finish_gate(report.value(), options, started);
}

/// Why there is nothing to compare with although a baseline was named; empty: there is something.
std::string without_baseline(const std::vector<std::string>& baselines) {
  for (const std::string& baseline : baselines) {
    if (!is_directory_without_reports(baseline)) return "";
  }
  if (baselines.empty()) return "";
  return fmt::format(
      "{} {} no reports (--keep-runs does not save runs that were cut short or whose load "
      "generator was saturated): judged by the goals alone.",
      fmt::join(baselines, " and "), baselines.size() == 1 ? "contains" : "contain");
}

int run_beside_baseline(const GateOptions& options, const Context& context, const Arm& candidate) {
  const std::time_t started = wall_clock();
  Sides sides;
  sides.allowed = options.allowed;
  const std::string nothing_kept = without_baseline(options.baselines);
  if (!nothing_kept.empty()) print_err("poolgauge: " + nothing_kept + "\n");
  if (!options.baselines.empty() && nothing_kept.empty()) {
    // Before anything is measured in vain.
    Result<std::vector<SavedReport>> baseline =
        load_reports(options.baselines, candidate.scenario.name);
    if (!baseline.ok()) return fail(baseline.error());
    sides.baseline = std::move(baseline).value();
    Report asked;
    asked.scenario_json = candidate.scenario.resolved_json;
    std::vector<std::string> fields = comparable_fields(asked);
    for (const SavedReport& saved : sides.baseline) {
      for (std::string& field : comparable_fields(saved.report)) fields.push_back(std::move(field));
    }
    if (const Status known = check_allowed(options.allowed, fields); !known.ok()) {
      return fail(known.error());
    }
  }
  Runs runs(options, context);
  const std::uint32_t usual = options.baselines.empty() ? 1 : kRunsBesideBaseline;
  const std::uint32_t wanted = options.runs > 0 ? options.runs : usual;
  for (std::uint32_t number = 1; number <= wanted; ++number) {
    const Status added =
        runs.add(sides.candidate, candidate, number, fmt::format("run {} of {}", number, wanted));
    if (!added.ok()) return finish_early(added.error(), runs, options, started);
  }
  Result<std::vector<GateRule>> rules = rules_of(options.judge, sides.candidate.front().report);
  if (!rules.ok()) return fail(rules.error());
  Report report = settled(sides, rules.value(), options, context);
  if (!nothing_kept.empty()) report.notes.push_back(nothing_kept);
  return finish_gate(report, options, started);
}

/// The first flag that changes one side alone; empty: both sides are alike.
std::string side_flag(const GateOptions& options) {
  if (!options.baseline_set.empty()) return "--baseline-set";
  if (!options.candidate_set.empty()) return "--candidate-set";
  if (options.baseline_target) return "--baseline-target";
  if (options.candidate_target) return "--candidate-target";
  return options.baseline_scenario.empty() ? "" : "--baseline-scenario";
}

Error one_side_only(const GateOptions& options) {
  return usage_error(
      side_flag(options) + " needs --pairs: without it, gate does not measure a baseline",
      "say how many pairs of baseline and candidate to measure, for example:\n"
      "  poolgauge gate " +
          options.run.scenario +
          " --pairs 6 --baseline-set pool_size=20 --candidate-set pool_size=15\n"
          "--baseline-set, --baseline-target, and --baseline-scenario change the baseline;\n"
          "--candidate-set and --candidate-target change the candidate");
}

Status check(const GateOptions& options) {
  if (options.pairs > 0 && !options.baselines.empty()) {
    return usage_error(
        "--pairs and --baseline cannot be used together: --pairs measures its own baseline",
        "remove one of them");
  }
  if (options.pairs > 0 && options.runs > 0) {
    return usage_error("--pairs and --runs cannot be used together", "use only one of them");
  }
  if (options.pairs == 0 && !side_flag(options).empty()) {
    return one_side_only(options);
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

int gate_scenario(const GateOptions& options, const Context& context) {
  if (const Status good = check(options); !good.ok()) return fail(good.error());
  if (const Status checked = check_outputs(options.run.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  if (!options.keep_runs.empty()) {
    OutputOptions runs;
    runs.directory = options.keep_runs;
    if (const Status made = check_outputs(runs, true); !made.ok()) return fail(made.error());
  }
  const std::string same;
  auto candidate = arm_of(
      options, context,
      {"candidate", "--candidate-set", options.candidate_set, options.candidate_target, same});
  if (const int* status = std::get_if<int>(&candidate)) return *status;
  const Scenario& asked = std::get<Arm>(candidate).scenario;
  say_flags(asked, options.run.output.quiet);
  if (options.pairs == 0) {
    return run_beside_baseline(options, context, std::get<Arm>(candidate));
  }
  auto baseline = arm_of(options, context,
                         {"baseline", "--baseline-set", options.baseline_set,
                          options.baseline_target, options.baseline_scenario});
  if (const int* status = std::get_if<int>(&baseline)) return *status;
  const Scenario& held_against = std::get<Arm>(baseline).scenario;
  const bool said = held_against.flags_note == asked.flags_note;
  say_flags(held_against, options.run.output.quiet || said);
  return run_pairs(options, context, std::get<Arm>(baseline), std::get<Arm>(candidate));
}

}  // namespace poolgauge::cli
