// Goals over several runs, the comparison, and the verdict of all of it.
#include "gate/judged.h"

#include <fmt/format.h>

#include <algorithm>

#include "assess/goal_figures.h"
#include "assess/sentences.h"
#include "assess/verdict.h"
#include "gate/gate_words.h"
#include "poolgauge/exit_status.h"

namespace poolgauge {

namespace {

using Effect = GateDifference::Effect;

constexpr const char* kSameSides =
    "baseline and candidate have the same settings, so what changed is only the noise between "
    "runs; to compare a change, use --candidate-set KEY=VALUE";

std::string common(const std::vector<SavedReport>& reports, std::string Report::*member) {
  std::string value = reports.front().report.*member;
  for (const SavedReport& saved : reports) {
    if (saved.report.*member != value) return "";
  }
  return value;
}

/// What a reader calls the side: its label, commit or file.
std::string name_of_side(const std::vector<SavedReport>& reports, const std::string& otherwise) {
  constexpr std::size_t kShortCommit = 12;
  if (reports.empty()) return otherwise;
  const std::string label = common(reports, &Report::label);
  if (!label.empty()) return label;
  const std::string commit = common(reports, &Report::commit);
  if (!commit.empty()) return commit.substr(0, kShortCommit);
  return reports.size() == 1 ? reports.front().file : otherwise;
}

/// Runs of one scenario are compared with those of another: each side says which it is.
void name_scenarios(const Sides& sides, GateQuestion& question) {
  if (sides.baseline.empty() || sides.candidate.empty()) return;
  const std::string before = common(sides.baseline, &Report::scenario_name);
  const std::string after = common(sides.candidate, &Report::scenario_name);
  if (before.empty() || after.empty() || before == after) return;
  question.baseline_name = before + ": " + question.baseline_name;
  question.candidate_name = after + ": " + question.candidate_name;
}

bool is_allowed(const Sides& sides, const std::string& field) {
  return std::any_of(sides.allowed.begin(), sides.allowed.end(), [&field](const std::string& a) {
    return field == a || field.starts_with(a + ".");
  });
}

Effect effect_here(const Sides& sides, const GateDifference& found) {
  if (sides.differing == Differing::shown) return Effect::noted;
  const bool intended = sides.differing == Differing::intended || is_allowed(sides, found.field);
  return intended && found.effect != Effect::noted ? Effect::intended : found.effect;
}

/// Of every report against the candidate's first; each field once.
std::vector<GateDifference> differences_of(const Sides& sides) {
  std::vector<GateDifference> all;
  const Report& first = sides.candidate.front().report;
  const auto add = [&](const Report& other, bool same_side) {
    for (GateDifference& d : report_differences(other, first)) {
      const bool known = std::any_of(all.begin(), all.end(),
                                     [&d](const GateDifference& k) { return k.field == d.field; });
      if (known) continue;
      if (same_side) d.field += " (between runs of the same side)";
      d.effect = effect_here(sides, d);
      all.push_back(std::move(d));
    }
  };
  for (const SavedReport& saved : sides.baseline) add(saved.report, false);
  for (const SavedReport& saved : sides.candidate) add(saved.report, true);
  return all;
}

/// Worst first; what cannot be judged before everything else.
bool is_worse(const JudgedGoal& a, const JudgedGoal& b) {
  if (a.outcome == GoalOutcome::unsupported || b.outcome == GoalOutcome::unsupported) {
    return a.outcome == GoalOutcome::unsupported && b.outcome != GoalOutcome::unsupported;
  }
  return a.result.margin.value_or(0) < b.result.margin.value_or(0);
}

/// Each goal by the middle run of those that judged it, of two the worse.
std::vector<JudgedGoal> goals_of(const std::vector<const Report*>& runs,
                                 const std::vector<Goal>& more) {
  std::vector<JudgedGoal> judged;
  const auto middle = [](std::vector<JudgedGoal> all) {
    std::stable_sort(all.begin(), all.end(), is_worse);
    return all[(all.size() - 1) / 2];
  };
  for (const GoalResult& goal : runs.front()->verdict.goals) {
    std::vector<JudgedGoal> all;
    for (const Report* run : runs) {
      for (const GoalResult& other : run->verdict.goals) {
        if (other.goal == goal.goal) all.push_back(judged_in(*run, other));
      }
    }
    judged.push_back(middle(std::move(all)));
  }
  for (const Goal& goal : more) {
    std::vector<JudgedGoal> all;
    for (const Report* run : runs) all.push_back(judge_saved(*run, goal));
    judged.push_back(middle(std::move(all)));
  }
  return judged;
}

/// Whether something else than its goals decided a report: no goal can be judged by it.
bool spoiled(const Report& report) {
  if (report.client_saturated) return true;
  const VerdictStatus status = report.verdict.status;
  if (status == VerdictStatus::guard || status == VerdictStatus::interrupted) return true;
  const bool unsupported = std::any_of(report.verdict.goals.begin(), report.verdict.goals.end(),
                                       [](const GoalResult& goal) { return !goal.judged(); });
  return status == VerdictStatus::inconclusive && !unsupported && report.verdict.unjudged.empty();
}

/// Those of the report, as far as they can be read, and further ones.
std::vector<Goal> all_goals(const Report& report, const std::vector<Goal>& more) {
  std::vector<Goal> goals = more;
  for (const GoalResult& known : report.verdict.goals) {
    Result<Goal> goal = parse_goal(known.goal);
    if (goal.ok()) goals.push_back(std::move(goal).value());
  }
  return goals;
}

/// A goal without any run that could show whether it is met.
GoalResult not_judged(const std::string& goal, const std::string& unit) {
  GoalResult result;
  result.goal = goal;
  result.unit = unit;
  result.open_by = GoalResult::OpenBy::runs;
  return result;
}

/// Where every run is spoiled, by the reasons of one of them, with no goal judged.
Verdict spoiled_verdict(const Report& middle, const std::vector<JudgedGoal>& goals, bool several) {
  Verdict verdict = middle.verdict;
  verdict.goals.clear();
  for (const JudgedGoal& goal : goals) {
    verdict.goals.push_back(several ? not_judged(goal.result.goal, goal.result.unit) : goal.result);
  }
  if (several) {
    for (std::string& reason : verdict.reasons) reason = "in the run shown: " + reason;
  }
  return verdict;
}

Verdict goals_verdict(const Report& middle, const std::vector<JudgedGoal>& goals,
                      const std::vector<Goal>& more, bool several) {
  if (spoiled(middle)) {
    Verdict verdict = spoiled_verdict(middle, goals, several);
    if (verdict.status == VerdictStatus::interrupted) {
      verdict.status = VerdictStatus::inconclusive;
      verdict.exit_code = kExitInconclusive;
    }
    return verdict;
  }
  Circumstances circumstances;
  circumstances.completed = middle.requests.completed;
  circumstances.ended = middle.requests.ended();
  circumstances.window = from_s(middle.window_s);
  circumstances.stalls = stalls_text(middle.stalls, circumstances.window);
  circumstances.mostly_stalled = mostly_stalled(unserved(middle), circumstances.window);
  circumstances.unjudged = unjudged(middle, all_goals(middle, more), has_open_load(middle));
  return decide(goals, circumstances);
}

/// The runs by which the candidate's goals are judged: those that the comparison uses, and those
/// that a missed goal cut short. Where there is none, those that nothing spoiled, else all of them.
std::vector<const Report*> telling(const std::vector<SavedReport>& runs) {
  std::vector<const Report*> all, sound, usable;
  for (const SavedReport& run : runs) {
    all.push_back(&run.report);
    if (spoiled(run.report)) continue;
    sound.push_back(&run.report);
    const bool missed = run.report.verdict.status == VerdictStatus::slo_missed;
    if (missed || unusable_run(run.report).empty()) usable.push_back(&run.report);
  }
  if (!usable.empty()) return usable;
  return sound.empty() ? all : sound;
}

const Report& middle_of(const std::vector<const Report*>& runs) {
  std::vector<const Report*> order = runs;
  std::stable_sort(order.begin(), order.end(), [](const Report* a, const Report* b) {
    return a->throughput_per_s < b->throughput_per_s;
  });
  return *order[(order.size() - 1) / 2];
}

GateResult compared(const Sides& sides, const std::vector<GateRule>& rules,
                    const Strictness& options) {
  GateQuestion question;
  question.rules = rules;
  for (const SavedReport& run : sides.baseline) {
    question.baseline.push_back(gate_run(run.report, run.file, rules));
  }
  for (const SavedReport& run : sides.candidate) {
    question.candidate.push_back(gate_run(run.report, run.file, rules));
  }
  question.paired = sides.paired;
  question.alpha = sides.alpha;
  question.assumed_noise = options.noise;
  question.differences = differences_of(sides);
  question.baseline_name =
      sides.baseline_name.empty() ? name_of_side(sides.baseline, "baseline") : sides.baseline_name;
  question.candidate_name = sides.candidate_name.empty()
                                ? name_of_side(sides.candidate, "candidate")
                                : sides.candidate_name;
  name_scenarios(sides, question);
  GateResult gate = judge_gate(question);
  const bool made_for_it = sides.paired && sides.differing == Differing::intended;
  if (made_for_it && question.differences.empty()) gate.reasons.emplace_back(kSameSides);
  gate.strict = options.strict;
  gate.advisory = options.advisory;
  return gate;
}

VerdictStatus status_of(const GateResult& gate, const Verdict& goals) {
  if (gate.verdict == GateVerdict::regression) return VerdictStatus::regression;
  if (gate.verdict == GateVerdict::invalid) return VerdictStatus::inconclusive;
  if (goals.status != VerdictStatus::pass) return goals.status;
  return gate.verdict == GateVerdict::pass ? VerdictStatus::pass : VerdictStatus::inconclusive;
}

/// Goals alone: as they are, but for --strict and --advisory.
int goals_exit_code(const Verdict& goals, const Strictness& options) {
  if (options.advisory) return 0;
  return options.strict && goals.exit_code == kExitInconclusive ? kExitRegression : goals.exit_code;
}

/// What the figures of a report without a baseline are, where several were given.
std::string shown_of_several(const Report& shown, std::size_t usable) {
  if (usable == 1) {
    return fmt::format("Everything here describes the only usable report (seed {}).", shown.seed);
  }
  return fmt::format(
      "Goals are judged by the median of {} reports, or by the worse of the two in the middle. "
      "Everything else describes one of the reports, the one with the median throughput (seed {}).",
      usable, shown.seed);
}

}  // namespace

Report judged(const Sides& sides, const std::vector<GateRule>& rules,
              const std::vector<Goal>& more_goals, const Strictness& options) {
  const std::vector<const Report*> runs = telling(sides.candidate);
  Report report = middle_of(runs);
  const bool several = sides.candidate.size() > 1 || !sides.baseline.empty();
  const Verdict goals = goals_verdict(report, goals_of(runs, more_goals), more_goals, several);
  report.verdict = goals;
  if (sides.baseline.empty()) {
    report.verdict.exit_code = goals_exit_code(goals, options);
    if (several) report.notes.insert(report.notes.begin(), shown_of_several(report, runs.size()));
    return report;
  }
  GateResult gate = compared(sides, rules, options);
  report.verdict.status = status_of(gate, goals);
  report.verdict.exit_code = gate.exit_code = gate_exit_code(gate, goals);
  // First what decided: where the gate passed, it was the goals.
  std::vector<std::string> of_gate = {gate.headline};
  of_gate.insert(of_gate.end(), gate.reasons.begin(), gate.reasons.end());
  const bool gate_decided = gate.verdict != GateVerdict::pass || goals.reasons.empty();
  std::vector<std::string>& reasons = report.verdict.reasons;
  reasons = gate_decided ? of_gate : goals.reasons;
  const std::vector<std::string>& rest = gate_decided ? goals.reasons : of_gate;
  reasons.insert(reasons.end(), rest.begin(), rest.end());
  report.gate = std::move(gate);
  return report;
}

}  // namespace poolgauge
