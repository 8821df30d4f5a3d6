// Goal by goal: the figure, its interval, and which side of the limit it lies on.
#include "advise/goals.h"

#include <fmt/format.h>

#include <algorithm>

#include "advise/goal_figures.h"
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

bool is_upper_limit(const Goal& goal) {
  return goal.op == GoalOp::less || goal.op == GoalOp::less_equal;
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
        fmt::format("{}: measured {}", goal.text, goal_value_text(*found.value, result.unit));
    if (result.worst_at_s) {
      judged.reason += fmt::format(" in the window from {:.0f} s", *result.worst_at_s);
    }
  }
}

void refuse(JudgedGoal& judged, const Goal& goal, const std::string& why) {
  judged.outcome = GoalOutcome::unsupported;
  judged.result.met = false;
  judged.reason = fmt::format("{}: {}", goal.text, why);
}

/// By the worst of its windows. One that was missed decides; else all of them must be judged.
void judge_windows(JudgedGoal& judged, const Goal& goal, const std::vector<GoalFigures>& windows) {
  std::optional<GoalValue> worst;
  std::string unsupported;
  std::size_t without = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const GoalValue found = value_of(goal, windows[i]);
    if (!found.value) {
      ++without;
      if (unsupported.empty()) unsupported = found.unsupported;
      continue;
    }
    const bool worse = !worst || (is_upper_limit(goal) ? *found.value > *worst->value
                                                       : *found.value < *worst->value);
    if (!worse) continue;
    worst = found;
    judged.result.worst_at_s = static_cast<double>(i);
  }
  judged.result.windows = static_cast<std::uint32_t>(windows.size());
  if (worst) conclude(judged, goal, *worst);
  if (without == 0 || (worst && !judged.result.met)) return;
  judged.result.measured = judged.result.low = judged.result.high = judged.result.margin =
      std::nullopt;
  judged.result.worst_at_s = std::nullopt;
  refuse(judged, goal,
         fmt::format("{} of the {} windows cannot be judged: {}", with_thousands(without),
                     with_thousands(windows.size()), unsupported));
}

JudgedGoal opened(const Goal& goal) {
  JudgedGoal judged;
  judged.result.goal = goal.text;
  judged.result.limit = goal.value;
  judged.result.unit = unit_of(goal);
  return judged;
}

JudgedGoal judge(const Scenario& scenario, const Measurement& measured, std::size_t index) {
  const Goal& goal = scenario.goals[index];
  if (goal.over <= Duration{0}) {
    return judge_value(goal, value_of(goal, whole_run(scenario, measured, index)));
  }
  JudgedGoal judged = opened(goal);
  const std::vector<GoalFigures> windows = windows_of(scenario, measured, index);
  if (!windows.empty()) {
    judge_windows(judged, goal, windows);
  } else {
    refuse(judged, goal,
           fmt::format("no whole window of {} was measured; use a longer --duration",
                       format_duration(goal.over)));
  }
  return judged;
}

}  // namespace

JudgedGoal judge_value(const Goal& goal, const GoalValue& found) {
  JudgedGoal judged = opened(goal);
  if (found.value) {
    conclude(judged, goal, found);
  } else {
    refuse(judged, goal, found.unsupported);
  }
  return judged;
}

JudgedGoal judged_before(const GoalResult& result) {
  JudgedGoal judged;
  judged.result = result;
  judged.outcome = !result.measured ? GoalOutcome::unsupported
                   : result.met     ? GoalOutcome::met
                                    : GoalOutcome::missed;
  if (judged.outcome == GoalOutcome::missed) {
    judged.reason =
        fmt::format("{}: measured {}", result.goal, goal_value_text(*result.measured, result.unit));
  } else if (judged.outcome == GoalOutcome::unsupported) {
    judged.reason = result.goal + ": the run could not support it";
  }
  return judged;
}

std::vector<JudgedGoal> judge_goals(const Scenario& scenario, const Measurement& measured) {
  std::vector<JudgedGoal> all;
  for (std::size_t i = 0; i < scenario.goals.size(); ++i) {
    all.push_back(judge(scenario, measured, i));
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
    if (judged.reason.empty()) judged.reason = text + ": was missed beyond doubt";
    judged.reason +=
        fmt::format("; it ended the run after {} (abort_on_fail)", human_duration(after));
  }
}

std::string goal_value_text(double value, const std::string& unit) {
  if (unit == "fraction") return percent(value);
  if (unit == "1/s") return significant(value) + "/s";
  return human_duration(from_s(value));
}

}  // namespace poolgauge
