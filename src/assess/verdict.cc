// The order of precedence between everything that can decide a run.
#include "assess/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "poolgauge/exit_status.h"

namespace poolgauge {
namespace {

void settle(Verdict& verdict, VerdictStatus status, int exit_code) {
  verdict.status = status;
  verdict.exit_code = exit_code;
}

void add_reasons(Verdict& verdict, const std::vector<JudgedGoal>& goals, GoalOutcome which) {
  for (const JudgedGoal& goal : goals) {
    if (goal.outcome == which) verdict.reasons.push_back(goal.reason);
  }
}

bool any(const std::vector<JudgedGoal>& goals, GoalOutcome which) {
  return std::any_of(goals.begin(), goals.end(),
                     [which](const JudgedGoal& goal) { return goal.outcome == which; });
}

std::string nothing_completed(const Circumstances& c) {
  if (c.ended > 0) {
    return fmt::format(
        "none of the {} finished requests completed: fix the cause of the failures, then measure "
        "again",
        with_thousands(c.ended));
  }
  return fmt::format("no request finished within the {} measured: use a longer --duration",
                     human_duration(c.window));
}

/// What makes the figures unfit to judge, if anything does.
void add_spoilers(Verdict& verdict, const Circumstances& c) {
  if (c.target_died) {
    verdict.reasons.push_back(c.last_words.empty()
                                  ? "the target died during the run, or stopped responding: check "
                                    "the server's log, then measure again"
                                  : "the target died during the run: its log ends with \"" +
                                        c.last_words + "\"");
  }
  if (c.saturated) {
    verdict.reasons.push_back(
        fmt::format("the load generator could not keep up ({}), so the figures partly reflect its "
                    "own delays: {}",
                    c.saturation, client_cure(c.threads_help) + parts_cure(c.parts)));
  }
  if (!c.shortfall.empty()) {
    verdict.reasons.push_back(c.shortfall + ": lower the rate" +
                              (c.threads_help ? ", or use more --threads" : "") +
                              parts_cure(c.parts));
  }
}

}  // namespace

Verdict decide(const std::vector<JudgedGoal>& goals, const Circumstances& c) {
  Verdict verdict;
  for (const JudgedGoal& goal : goals) verdict.goals.push_back(goal.result);
  verdict.unjudged = c.unjudged;

  const bool clear_miss = std::any_of(goals.begin(), goals.end(),
                                      [](const JudgedGoal& goal) { return goal.clearly_missed; });
  if (!c.guard_reason.empty()) {
    settle(verdict, VerdictStatus::guard, kExitGuard);
    verdict.reasons.push_back(c.guard_reason);
  } else if (c.interrupted) {
    settle(verdict, VerdictStatus::interrupted, kExitInterrupted);
    verdict.reasons.emplace_back("interrupted");
    add_spoilers(verdict, c);
  } else if (c.target_died || c.saturated || !c.shortfall.empty()) {
    settle(verdict, VerdictStatus::inconclusive, kExitInconclusive);
    add_spoilers(verdict, c);
  } else if (c.completed == 0 && !clear_miss) {
    settle(verdict, VerdictStatus::inconclusive, kExitInconclusive);
    verdict.reasons.push_back(nothing_completed(c));
  } else if (any(goals, GoalOutcome::missed)) {
    settle(verdict, VerdictStatus::slo_missed, kExitMissed);
    add_reasons(verdict, goals, GoalOutcome::missed);
    if (!c.stalls.empty()) verdict.reasons.push_back(c.stalls);
  } else if (!c.unjudged.empty()) {
    settle(verdict, VerdictStatus::inconclusive, kExitInconclusive);
    if (!c.mostly_stalled.empty()) verdict.reasons.push_back(c.mostly_stalled);
    verdict.reasons.insert(verdict.reasons.end(), c.unjudged.begin(), c.unjudged.end());
    add_reasons(verdict, goals, GoalOutcome::unsupported);
  } else if (any(goals, GoalOutcome::unsupported)) {
    settle(verdict, VerdictStatus::inconclusive, kExitInconclusive);
    add_reasons(verdict, goals, GoalOutcome::unsupported);
  } else if (!c.mostly_stalled.empty()) {
    settle(verdict, VerdictStatus::inconclusive, kExitInconclusive);
    verdict.reasons.push_back(c.mostly_stalled);
  }
  return verdict;
}

const char* status_name(VerdictStatus status) {
  switch (status) {
    case VerdictStatus::pass: return "pass";
    case VerdictStatus::slo_missed: return "slo_missed";
    case VerdictStatus::regression: return "regression";
    case VerdictStatus::guard: return "guard";
    case VerdictStatus::inconclusive:
    case VerdictStatus::interrupted: return "inconclusive";
  }
  return "inconclusive";
}

}  // namespace poolgauge
