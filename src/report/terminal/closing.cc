// What stands last.
#include "report/terminal/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "assess/diagnosis.h"
#include "base/letters.h"
#include "base/text.h"
#include "base/visible_text.h"
#include "report/advice_words.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kMostGoals = 3;

bool is_missed(const GoalResult& goal) {
  return goal.judged() && !goal.met;
}

std::string goal_line(const Report& report, const GoalResult& goal) {
  const std::string how = goal.measured ? std::string(how_known(report)) + " " : "";
  return goal.goal + ": " + how + measured_text(goal);
}

/// "goal missed: p95(latency) < 1s: measured 1.71 s, 71 % over the limit; and 1 more"
std::string missed_line(const Report& report) {
  std::size_t missed = 0;
  std::string first;
  for (const GoalResult& goal : report.verdict.goals) {
    if (is_missed(goal) && missed++ == 0) first = goal_line(report, goal);
  }
  if (missed > 1)
    first +=
        fmt::format("; {} more {} missed", missed - 1, missed == 2 ? "goal was" : "goals were");
  return "goal missed: " + first;
}

std::string reasons_line(const Report& report) {
  std::string all;
  for (const std::string& reason : report.verdict.reasons) {
    if (reason != "interrupted") all += (all.empty() ? "" : "; ") + reason;
  }
  return all;
}

std::string with_reasons(const std::string& word, const Report& report) {
  const std::string reasons = reasons_line(report);
  return reasons.empty() ? word : word + ": " + reasons;
}

std::string run_line(const Report& report) {
  switch (report.verdict.status) {
    case VerdictStatus::slo_missed: {
      std::string line = missed_line(report);
      if (!report.diagnosis.empty()) {
        line += "; bottleneck: " + short_name(report.diagnosis.front().finding);
      }
      return line;
    }
    case VerdictStatus::interrupted:
      return with_reasons("interrupted; the report has the results up to that point", report);
    case VerdictStatus::regression: return with_reasons("regression", report);
    case VerdictStatus::inconclusive: return with_reasons("inconclusive", report);
    case VerdictStatus::guard: return with_reasons("stopped by a safety guard", report);
    case VerdictStatus::pass: break;
  }
  return verdict_words(report);
}

std::string gate_line(const Report& report) {
  const GateResult& gate = *report.gate;
  // What decided: the gate, else the goals.
  const bool worse =
      gate.verdict == GateVerdict::regression || gate.verdict == GateVerdict::invalid;
  const bool goals =
      report.verdict.status == VerdictStatus::slo_missed ||
      (gate.verdict == GateVerdict::pass && report.verdict.status != VerdictStatus::pass);
  if (!worse && goals) return run_line(report);
  return lower_case(gate_title(gate)) + ": " + gate.headline;
}

std::string advice_line(const Report& report) {
  const Recommendation& r = *report.recommendation;
  const bool none = r.search && r.search->outcome == "impossible";
  std::string line = none ? no_size_words(r) : trust_words(r);
  if (r.search && !r.search->sentence.empty()) {
    line += ": " + sentences_of(r.search->sentence).front();
  }
  if (!report.partial) return line;
  const bool guard = report.verdict.status == VerdictStatus::guard;
  return (guard ? "stopped by a safety guard: " : "interrupted: ") + line;
}

/// The main finding with the first of its sentences.
void add_cause(Screen& screen, const Report& report) {
  if (report.diagnosis.empty()) return;
  const Finding& finding = report.diagnosis.front();
  const std::vector<std::string> lines = sentences_of(finding.evidence);
  screen.text(headline(finding) + (lines.empty() ? "" : " " + lines.front()), 2, Tone::strong);
}

/// Those that were missed; where none was, all of them.
void add_deciding_goals(Screen& screen, const Report& report) {
  std::vector<const GoalResult*> shown;
  for (const GoalResult& goal : report.verdict.goals) {
    if (is_missed(goal)) shown.push_back(&goal);
  }
  if (shown.empty() && report.verdict.status == VerdictStatus::pass) {
    for (const GoalResult& goal : report.verdict.goals) shown.push_back(&goal);
  }
  const std::size_t listed = std::min(shown.size(), kMostGoals);
  std::size_t widest = 0;
  for (std::size_t i = 0; i < listed; ++i) {
    widest = std::max(widest, display_width(shown[i]->goal));
  }
  for (std::size_t i = 0; i < listed; ++i) {
    add_goal(screen, report, *shown[i], widest);
  }
  if (shown.size() > listed) {
    screen.text(fmt::format("  and {} more goals", shown.size() - listed), 2);
  }
}

void add_advice(Screen& screen, const Report& report) {
  const Recommendation& r = *report.recommendation;
  const bool none = r.search && r.search->outcome == "impossible";
  screen.labelled(advice_title(r), 17,
                  (none ? "nearest: " : "") + joined(own_parts(r)) + "\n" + trust_words(r),
                  none          ? Tone::bad
                  : r.confirmed ? Tone::strong
                                : Tone::doubtful);
  if (const std::string first = first_words(r); !first.empty()) screen.labelled("", 2, first);
  if (r.search && !r.search->sentence.empty()) {
    screen.labelled("", 2, sentences_of(r.search->sentence).front());
  }
}

}  // namespace

std::string verdict_line(const Report& report) {
  std::string line = report.gate             ? gate_line(report)
                     : report.recommendation ? advice_line(report)
                                             : run_line(report);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return visible_text(line);
}

std::string closing_block(const Report& report, const TerminalStyle& style) {
  Screen screen(style);
  if (report.curve) {
    add_partial_curve(screen, report);
    screen.text(report.curve->finding, 2, Tone::strong);
  } else if (report.gate) {
    add_gate_verdict(screen, *report.gate);
    add_gate_goals(screen, report, true);
  } else if (report.recommendation) {
    add_advice(screen, report);
  } else {
    add_status(screen, report);
    add_deciding_goals(screen, report);
    add_cause(screen, report);
  }
  return screen.str();
}

}  // namespace poolgauge
