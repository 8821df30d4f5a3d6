// Goal by goal: the figure, its interval, and which side of the limit it lies on.
#include "assess/goals.h"

#include <fmt/format.h>

#include <algorithm>

#include "assess/goal_figures.h"
#include "assess/sentences.h"
#include "base/text.h"

namespace poolgauge {
namespace {

bool holds(double measured, GoalOp op, double limit) {
  switch (op) {
    case GoalOp::less: return measured < limit;
    case GoalOp::less_equal: return measured <= limit;
    case GoalOp::greater: return measured > limit;
    case GoalOp::greater_equal: return measured >= limit;
  }
  return false;
}

/// Where everything that the interval leaves possible lies on the wrong side.
bool beyond_doubt(const Goal& goal, const GoalValue& found) {
  if (!found.value || holds(*found.value, goal.op, goal.value)) return false;
  if (goal.statistic == GoalStatistic::max) return true;
  if (!found.low || !found.high) return false;
  return !holds(*found.low, goal.op, goal.value) && !holds(*found.high, goal.op, goal.value);
}

void conclude(JudgedGoal& judged, const Goal& goal, const GoalValue& found) {
  GoalResult& result = judged.result;
  result.measured = found.value;
  result.low = found.low;
  result.high = found.high;
  result.met = holds(*found.value, goal.op, goal.value);
  result.margin = is_upper_limit(goal) ? goal.value - *found.value : *found.value - goal.value;
  judged.outcome = result.met ? GoalOutcome::met : GoalOutcome::missed;
  judged.beyond_doubt = beyond_doubt(goal, found);
  judged.clearly_missed = goal.statistic == GoalStatistic::rate && judged.beyond_doubt;
  if (!result.met) {
    judged.reason =
        fmt::format("{}: was {}", goal.text, goal_value_text(*found.value, result.unit));
    if (result.worst_at_s) {
      judged.reason += fmt::format(" in the window starting at {:.0f} s", *result.worst_at_s);
    }
  }
}

/// Whether the bound alone puts the figure beyond an upper limit.
bool bound_decides(const Goal& goal, const GoalValue& found) {
  return found.at_least && is_upper_limit(goal) && !holds(*found.at_least, goal.op, goal.value);
}

/// By what the figure is at least.
void miss(JudgedGoal& judged, const Goal& goal, const GoalValue& found) {
  GoalResult& result = judged.result;
  result.at_least = found.at_least;
  result.margin = goal.value - *found.at_least;
  result.met = false;
  judged.outcome = GoalOutcome::missed;
  judged.beyond_doubt = judged.clearly_missed = true;
  judged.reason = fmt::format("{}: more than {}: {}", goal.text,
                              goal_value_text(*found.at_least, result.unit), found.in_flight);
  if (result.worst_at_s) {
    judged.reason += fmt::format(" in the window starting at {:.0f} s", *result.worst_at_s);
  }
}

/// With what the figure is at least: where requests in flight leave an estimate in doubt, that.
void refuse(JudgedGoal& judged, const Goal& goal, const GoalValue& found) {
  judged.outcome = GoalOutcome::unsupported;
  judged.result.met = false;
  const bool doubted = !found.in_flight.empty();
  judged.result.at_least = found.at_least || !doubted ? found.at_least : found.value;
  judged.result.why = found.unsupported;
  judged.reason = fmt::format("{}: {}", goal.text, found.unsupported);
}

void refuse(JudgedGoal& judged, const Goal& goal, const std::string& why) {
  judged.outcome = GoalOutcome::unsupported;
  judged.result.met = false;
  judged.result.why = why;
  judged.reason = fmt::format("{}: {}", goal.text, why);
}

/// How a figure decides, over the whole run or one window.
struct Ruling {
  enum class By : std::uint8_t { value, bound, nothing } by = By::nothing;
  double figure = 0;
};
Ruling ruling(const Goal& goal, const GoalValue& found) {
  if (bound_decides(goal, found)) return {Ruling::By::bound, *found.at_least};
  // A doubt about a miss changes nothing: more requests beyond the limit would miss it as well.
  const bool doubted = !found.unsupported.empty();
  if (!found.value || (doubted && holds(*found.value, goal.op, goal.value))) return {};
  return {Ruling::By::value, *found.value};
}

/// By the worst of its windows. One that was missed decides; else all of them must be judged.
void judge_windows(JudgedGoal& judged, const Goal& goal, const std::vector<GoalFigures>& windows) {
  std::optional<GoalValue> worst;
  Ruling worst_ruling;
  std::string unsupported;
  std::size_t without = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const GoalValue found = value_of(goal, windows[i]);
    const Ruling made = ruling(goal, found);
    if (made.by == Ruling::By::nothing) {
      ++without;
      if (unsupported.empty()) unsupported = found.unsupported;
      continue;
    }
    const bool worse = !worst || (is_upper_limit(goal) ? made.figure > worst_ruling.figure
                                                       : made.figure < worst_ruling.figure);
    if (!worse) continue;
    worst = found;
    worst_ruling = made;
    judged.result.worst_at_s = static_cast<double>(i);
  }
  judged.result.windows = static_cast<std::uint32_t>(windows.size());
  if (worst && worst_ruling.by == Ruling::By::bound) return miss(judged, goal, *worst);
  if (worst) conclude(judged, goal, *worst);
  if (without == 0 || (worst && !judged.result.met)) return;
  judged.result.measured = judged.result.low = judged.result.high = judged.result.margin =
      std::nullopt;
  judged.result.worst_at_s = std::nullopt;
  refuse(judged, goal,
         fmt::format("{} of the {} windows cannot be judged: there, {}", with_thousands(without),
                     with_thousands(windows.size()), unsupported));
}

JudgedGoal opened(const Goal& goal) {
  JudgedGoal judged;
  judged.result.goal = goal.text;
  judged.result.limit = goal.value;
  judged.result.unit = unit_of(goal);
  return judged;
}

JudgedGoal judge(const Scenario& scenario, const Measurement& measured, std::size_t index,
                 Intervals intervals = Intervals::with) {
  const Goal& goal = scenario.goals[index];
  if (const std::string why = not_judged_because(scenario, measured, goal); !why.empty()) {
    JudgedGoal judged = opened(goal);
    refuse(judged, goal, why);
    const bool locks = !measured.unsimulated_locks.empty();
    judged.result.open_by = locks ? GoalResult::OpenBy::locks : GoalResult::OpenBy::costs;
    return judged;
  }
  if (goal.over <= Duration{0}) {
    return judge_value(goal, value_of(goal, whole_run(scenario, measured, index, intervals)));
  }
  JudgedGoal judged = opened(goal);
  const std::vector<GoalFigures> windows = windows_of(scenario, measured, index, intervals);
  if (!windows.empty()) {
    judge_windows(judged, goal, windows);
  } else {
    refuse(judged, goal,
           fmt::format("no complete window of {} was measured; use a longer --duration",
                       format_duration(goal.over)));
  }
  return judged;
}

/// Of a goal that was not judged.
std::string open_because(const GoalResult& result) {
  if (!result.why.empty()) return result.why;  // older reports do not have it
  if (result.open_by == GoalResult::OpenBy::costs) {
    return open_label(result) + "; " + how_to_give_costs();
  }
  return "the sample is too small";
}

}  // namespace

std::string open_label(const GoalResult& goal) {
  switch (goal.open_by) {
    case GoalResult::OpenBy::sample: return "";
    case GoalResult::OpenBy::costs: return "the costs of the statements are only assumed";
    case GoalResult::OpenBy::locks: return no_locks_label();
    case GoalResult::OpenBy::runs: return "no run could be used";
  }
  return "";
}

JudgedGoal judge_value(const Goal& goal, const GoalValue& found) {
  JudgedGoal judged = opened(goal);
  switch (ruling(goal, found).by) {
    case Ruling::By::value: conclude(judged, goal, found); break;
    case Ruling::By::bound: miss(judged, goal, found); break;
    case Ruling::By::nothing: refuse(judged, goal, found); break;
  }
  return judged;
}

JudgedGoal judged_before(const GoalResult& result) {
  JudgedGoal judged;
  judged.result = result;
  judged.outcome = !result.judged() ? GoalOutcome::unsupported
                   : result.met     ? GoalOutcome::met
                                    : GoalOutcome::missed;
  if (judged.outcome == GoalOutcome::missed) {
    judged.reason = result.measured ? fmt::format("{}: was {}", result.goal,
                                                  goal_value_text(*result.measured, result.unit))
                                    : fmt::format("{}: more than {}", result.goal,
                                                  goal_value_text(*result.at_least, result.unit));
  } else if (judged.outcome == GoalOutcome::unsupported) {
    judged.reason = result.goal + ": " + open_because(result);
  }
  return judged;
}

std::vector<JudgedGoal> judge_goals(const Scenario& scenario, const Measurement& measured,
                                    Intervals intervals) {
  std::vector<JudgedGoal> all;
  for (std::size_t i = 0; i < scenario.goals.size(); ++i) {
    all.push_back(judge(scenario, measured, i, intervals));
  }
  return all;
}

std::optional<std::string> goal_that_ends_the_run(const Scenario& scenario,
                                                  const Measurement& so_far) {
  for (std::size_t i = 0; i < scenario.goals.size(); ++i) {
    const Goal& goal = scenario.goals[i];
    if (!goal.abort_on_fail || so_far.window < goal.grace) continue;
    if (judge(scenario, so_far, i).beyond_doubt) return goal.text;
  }
  return std::nullopt;
}

EndsEarly ends_early_by(const Scenario& scenario) {
  const bool any = std::any_of(scenario.goals.begin(), scenario.goals.end(),
                               [](const Goal& goal) { return goal.abort_on_fail; });
  if (!any) return {};
  return
      [&scenario](const Measurement& so_far) { return goal_that_ends_the_run(scenario, so_far); };
}

void mark_ended(std::vector<JudgedGoal>& goals, const std::string& text, Duration after) {
  for (JudgedGoal& judged : goals) {
    if (judged.result.goal != text) continue;
    judged.result.met = false;
    judged.result.ended_the_run = true;
    judged.outcome = GoalOutcome::missed;
    if (judged.reason.empty()) judged.reason = text + ": clearly missed";
    judged.reason +=
        fmt::format("; this ended the run after {} (abort_on_fail)", human_duration(after));
  }
}

std::string goal_value_text(double value, const std::string& unit) {
  if (unit == "fraction") return percent(value);
  if (unit == "1/s") return significant(value) + "/s";
  if (value == 0) return "0 ms";
  return human_duration(from_s(value));
}

}  // namespace poolgauge
