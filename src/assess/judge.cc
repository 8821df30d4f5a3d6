// Goals, circumstances, verdict, diagnosis.
#include "assess/verdict.h"

#include "assess/describe.h"
#include "assess/diagnosis.h"
#include "assess/goals.h"
#include "assess/sentences.h"

namespace poolgauge {

namespace {

Circumstances circumstances_of(const Report& report, const Scenario& scenario,
                               const Measurement& measured, const RunFacts& facts) {
  Circumstances circumstances;
  circumstances.guard_reason = facts.guards.stopped_by;
  circumstances.interrupted = facts.interrupted;
  circumstances.target_died = facts.target_died;
  circumstances.last_words = facts.target_last_words;
  circumstances.saturated = report.client_saturated;
  circumstances.saturation = client_troubles_text(measured);
  circumstances.threads_help = more_threads_help(measured);
  if (facts.command == "run" && !facts.part) {
    circumstances.parts = parts_needed(measured, scenario.deployment.fleet());
  }
  circumstances.shortfall = arrival_shortfall(measured.requests);
  circumstances.stalls = stalls_text(report.stalls, measured.window);
  circumstances.mostly_stalled = mostly_stalled(unserved(measured), measured.window);
  circumstances.completed = measured.requests.completed;
  circumstances.ended = measured.requests.ended();
  circumstances.window = measured.window;
  return circumstances;
}

/// Nothing is wrong with a share in which no request was scheduled.
Verdict verdict_of_part(Circumstances circumstances, const RequestCounts& requests) {
  circumstances.mostly_stalled.clear();
  if (requests.scheduled() == 0) circumstances.completed = 1;
  return decide({}, circumstances);
}

}  // namespace

void judge(Report& report, const Scenario& scenario, const Measurement& measured,
           const RunFacts& facts) {
  Circumstances circumstances = circumstances_of(report, scenario, measured, facts);
  if (facts.part) {
    report.verdict = verdict_of_part(std::move(circumstances), measured.requests);
    return;
  }
  const bool open_load = !most_users(scenario.load).has_value();
  circumstances.unjudged = unjudged(report, scenario.goals, open_load);
  std::vector<JudgedGoal> goals = judge_goals(scenario, measured);
  if (!measured.ended_by.empty()) mark_ended(goals, measured.ended_by, measured.window);
  report.verdict = decide(goals, circumstances);
  report.diagnosis = diagnose(figures_of(scenario, measured, report));
}

}  // namespace poolgauge
