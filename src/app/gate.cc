// Which runs are made, in which order, and what becomes of them.
#include "app/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/measure.h"
#include "app/simulate.h"
#include "base/quantities.h"
#include "base/text.h"
#include "files/outputs.h"
#include "files/report_set.h"
#include "pg/conninfo/conninfo.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/pool_flags.h"

namespace poolgauge::app {

namespace {

/// Exact ranks need four runs beside four.
constexpr std::uint32_t kRunsBesideBaseline = 4;

/// What is asked for, and what every run needs to know.
struct Gate {
  const GateRequest& request;
  const RunRequest& run;
  const std::string& label;
  const Context& context;
  const NewProgress& progress;
};

/// What is run for one side.
struct Arm {
  std::string name;
  Scenario scenario;
  RunRequest run;
};

/// "pool_size=19": a key of the scenario that has a flag, or an option of the pool.
Result<Override> side_override(const std::string& flag, const std::string& typed) {
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

std::string arm_name(const ArmWords& words) {
  std::string name;
  const auto add = [&name](const std::string& part) { name += (name.empty() ? "" : ", ") + part; };
  if (!words.scenario.empty()) add(words.scenario);
  for (const std::string& set : words.set) add(set);
  if (words.target) add(shown_word(*words.target));
  return name.empty() ? words.name : fmt::format("{} {}", words.name, name);
}

OrFailure<Arm> arm_of(const Gate& gate, const ArmWords& words) {
  std::vector<Override> more;
  for (const std::string& typed : words.set) {
    Result<Override> made = side_override(words.flag, typed);
    if (!made.ok()) return made.error();
    more.push_back(std::move(made).value());
  }
  const std::string& file = words.scenario.empty() ? gate.run.scenario : words.scenario;
  OrFailure<Scenario> loaded = typed_scenario(file, gate.run.flags, gate.context.environment, more);
  if (!loaded.ok()) return loaded.failure();
  // A pair needs whole runs on both sides; alone, a goal may end a run.
  for (Goal& goal : loaded.value().goals) {
    goal.abort_on_fail = goal.abort_on_fail && gate.request.pairs == 0;
  }
  Arm arm{arm_name(words), std::move(loaded).value(), gate.run};
  if (words.target) {
    arm.run.target.conninfo = words.target;
    arm.run.target.named_by = fmt::format("--{}-target", words.name);
  }
  return arm;
}

/// Makes the runs of one gate and keeps what they gave.
class Runs {
 public:
  explicit Runs(const Gate& gate) : gate_(gate) {}

  /// Appends one run. Interrupted ones are no sample and are dropped.
  Status add(std::vector<SavedReport>& to, const Arm& arm, std::uint32_t number,
             const std::string& what) {
    const std::time_t started = context_.wall_clock();
    Result<Report> report = run(arm, gate_.run.seed + number - 1, what, started);
    if (!report.ok()) return report.error();
    if (context_.stop.requested()) {
      return Error{ErrorKind::interrupted, "interrupted before all runs of the gate were complete",
                   ""};
    }
    std::string source = fmt::format("{} ({})", report.value().started_at, what);
    const std::string unusable = unusable_run(report.value());
    const std::string& keep_runs = gate_.request.keep_runs;
    if (!keep_runs.empty() && !unusable.empty()) {
      // The directory is the next gate's baseline.
      gate_.progress()->trouble(
          usage_error(fmt::format("{} is not saved in {}: {}", what, keep_runs, unusable)));
    } else if (!keep_runs.empty()) {
      const Result<KeptReport> kept = keep_report(keep_runs, report.value(), started);
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
    if (gate_.request.simulated) {
      const Result<Model> model = model_for(arm);
      if (!model.ok()) return model.error();
      return simulate_scenario(arm.scenario, model.value(), seed, gate_.label, context_, started);
    }
    const std::unique_ptr<ProgressSink> progress = gate_.progress();
    progress->phase(what);
    RunRequest request = arm.run;
    request.seed = seed;
    request.safety.under_way = last_.has_value();
    return measure_scenario(request, gate_.label, context_, arm.scenario, *progress, started);
  }

  /// Made once for each side: it may have to be measured.
  Result<Model> model_for(const Arm& arm) {
    const auto known = models_.find(arm.name);
    if (known != models_.end()) return known->second;
    const std::unique_ptr<ProgressSink> progress = gate_.progress();
    const Result<Model> made = model_of(arm.run, gate_.request.costs, gate_.request.cores, context_,
                                        arm.scenario, *progress);
    if (made.ok()) models_.emplace(arm.name, made.value());
    return made;
  }

  const Gate& gate_;
  const Context& context_ = gate_.context;
  std::map<std::string, Model> models_;
  std::optional<Report> last_;
  std::int64_t complete_ = 0;
};

/// What remains of a gate that could not make all of its runs.
OrFailure<GateAnswer> ended_early(const Error& why, const Runs& runs, std::time_t started) {
  std::optional<Report> stopped = runs.stopped_by(why);
  if (!stopped) return why;
  return GateAnswer{*std::move(stopped), started};
}

/// Says before the time is spent that nothing differs between the two sides.
void warn_of_same_sides(const Gate& gate, const Arm& baseline, const Arm& candidate) {
  const bool targets = gate.request.baseline_target || gate.request.candidate_target;
  if (targets || baseline.scenario.resolved_json != candidate.scenario.resolved_json) return;
  gate.progress()->trouble(usage_error(
      "baseline and candidate have the same settings: this measures only the noise between runs. "
      "To compare a change, use --candidate-set KEY=VALUE, --candidate-target, or "
      "--baseline-scenario."));
}

OrFailure<GateAnswer> run_pairs(const Gate& gate, const Arm& baseline, const Arm& candidate) {
  warn_of_same_sides(gate, baseline, candidate);
  const GateRequest& request = gate.request;
  const std::time_t started = gate.context.wall_clock();
  Runs runs(gate);
  const PairsRequest pairs{request.pairs, !request.no_extend, baseline.name, candidate.name,
                           request.judge};
  const Result<Report> report = gate_pairs(
      pairs, gate.context,
      [&](std::vector<SavedReport>& to, bool of_baseline, std::uint32_t number,
          const std::string& pair) {
        const Arm& arm = of_baseline ? baseline : candidate;
        return runs.add(to, arm, number, pair + ", " + arm.name);
      },
      [&request](const Report& sample) { return rules_of(request.judge, sample); });
  if (!report.ok()) return ended_early(report.error(), runs, started);
  return GateAnswer{report.value(), started};
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

OrFailure<GateAnswer> run_beside_baseline(const Gate& gate, const Arm& candidate) {
  const GateRequest& request = gate.request;
  const std::time_t started = gate.context.wall_clock();
  Sides sides;
  sides.allowed = request.allowed;
  const std::string nothing_kept = without_baseline(request.baselines);
  if (!nothing_kept.empty()) gate.progress()->trouble(usage_error(nothing_kept));
  if (!request.baselines.empty() && nothing_kept.empty()) {
    // Before anything is measured in vain.
    Report asked;
    asked.scenario_name = candidate.scenario.name;
    asked.scenario_json = candidate.scenario.resolved_json;
    Result<std::vector<SavedReport>> baseline = load_baseline(request, asked);
    if (!baseline.ok()) return baseline.error();
    sides.baseline = std::move(baseline).value();
  }
  Runs runs(gate);
  const std::uint32_t usual = request.baselines.empty() ? 1 : kRunsBesideBaseline;
  const std::uint32_t wanted = request.runs > 0 ? request.runs : usual;
  for (std::uint32_t number = 1; number <= wanted; ++number) {
    const Status added =
        runs.add(sides.candidate, candidate, number, fmt::format("run {} of {}", number, wanted));
    if (!added.ok()) return ended_early(added.error(), runs, started);
  }
  const Result<std::vector<GateRule>> rules =
      rules_of(request.judge, sides.candidate.front().report);
  if (!rules.ok()) return rules.error();
  GateAnswer answer{judged(sides, rules.value(), {}, request.judge), started};
  answer.report.command = "gate";
  answer.report.command_line = gate.context.command_line;
  if (!nothing_kept.empty()) answer.report.notes.push_back(nothing_kept);
  return answer;
}

}  // namespace

OrFailure<GateAnswer> gate_scenario(const GateRequest& request, const RunRequest& run,
                                    const std::string& label, const Context& context,
                                    const NewProgress& progress) {
  const Gate gate{request, run, label, context, progress};
  const std::string same;
  const OrFailure<Arm> candidate = arm_of(
      gate,
      {"candidate", "--candidate-set", request.candidate_set, request.candidate_target, same});
  if (!candidate.ok()) return candidate.failure();
  const Scenario& asked = candidate.value().scenario;
  progress()->note(flags_line(asked));
  if (request.pairs == 0) return run_beside_baseline(gate, candidate.value());
  const OrFailure<Arm> baseline =
      arm_of(gate, {"baseline", "--baseline-set", request.baseline_set, request.baseline_target,
                    request.baseline_scenario});
  if (!baseline.ok()) return baseline.failure();
  const Scenario& held_against = baseline.value().scenario;
  if (held_against.flags_note != asked.flags_note) progress()->note(flags_line(held_against));
  return run_pairs(gate, baseline.value(), candidate.value());
}

}  // namespace poolgauge::app
