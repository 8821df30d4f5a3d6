// Status and goals, on every screen the same.
#include "report/terminal/parts.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "report/layout.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kGoalIndent = 16;

}  // namespace

void add_status(Screen& screen, const Report& report) {
  std::string word;
  switch (report.verdict.status) {
    case VerdictStatus::pass:
      if (report.part) {
        screen.text(
            "This is " + part_text(report) +
            ": poolgauge merge joins all parts, judges the goals, and finds the bottleneck.");
      } else if (report.verdict.goals.empty()) {
        screen.line("No goals to judge.");
      }
      return;
    case VerdictStatus::slo_missed: return;
    case VerdictStatus::regression: word = "REGRESSION"; break;
    case VerdictStatus::inconclusive: word = "INCONCLUSIVE"; break;
    case VerdictStatus::guard: word = "STOPPED"; break;
    case VerdictStatus::interrupted: word = "INTERRUPTED"; break;
  }
  std::string why;
  for (const std::string& reason : report.verdict.reasons) {
    if (reason == "interrupted") continue;
    why += (why.empty() ? "" : "\n") + reason;
  }
  if (report.verdict.status == VerdictStatus::interrupted) {
    why = "the results up to that point follow" + (why.empty() ? "" : "\n" + why);
  }
  screen.labelled("? " + word, kGoalIndent, why, Tone::doubtful);
}

void add_partial_curve(Screen& screen, const Report& report) {
  if (!report.partial) return;
  const bool guard = report.verdict.status == VerdictStatus::guard;
  screen.text(fmt::format("? {}   a partial curve", guard ? "STOPPED" : "INTERRUPTED"), 2,
              Tone::doubtful);
}

void add_goal(Screen& screen, const Report& report, const GoalResult& goal, std::size_t widest) {
  const std::string sign = !goal.judged() ? "? " : goal.met ? "✓ " : "✗ ";
  const std::string start = sign + pad_right(goal_state(goal), 14);
  const std::string figure = measured_text(goal) + goal_caveat(report, goal);
  const std::string measured = goal.measured ? how_known(report) + (" " + figure) : figure;
  const Tone tone = !goal.judged() ? Tone::doubtful : goal.met ? Tone::good : Tone::bad;
  const std::string whole = start + pad_right(goal.goal, widest) + "   " + measured;
  if (display_width(whole) <= screen.width()) {
    screen.line(whole, tone);
  } else {
    screen.labelled(start, kGoalIndent, goal.goal + "\n" + measured, tone);
  }
}

void add_goals(Screen& screen, const Report& report) {
  std::size_t widest = 0;
  for (const GoalResult& goal : report.verdict.goals) {
    widest = std::max(widest, display_width(goal.goal));
  }
  for (const GoalResult& goal : report.verdict.goals) {
    add_goal(screen, report, goal, widest);
  }
}

const char* how_known(const Report& report) {
  return report.target.kind == "simulated" ? "simulated" : "measured";
}

void add_explanations(Screen& screen, const std::vector<Explanation>& entries) {
  constexpr std::size_t kColumn = 23;
  for (const Explanation& entry : entries) screen.labelled(entry.figure, kColumn, entry.meaning);
}

std::vector<std::string> sentences_of(const std::string& text) {
  std::vector<std::string> all;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t stop = text.find(". ", start);
    const std::size_t end = stop == std::string::npos ? text.size() : stop + 1;
    all.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return all;
}

}  // namespace poolgauge
