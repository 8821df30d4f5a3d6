// One goal such as "p95(latency) < 1s", with exact complaints and the goal that was probably meant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// What is wrong with a goal's text.
struct GoalProblem {
  std::size_t character = 1;  ///< where, counted from 1
  std::string message;
  std::string found = {};
  std::string nearest = {};
};

std::variant<Goal, GoalProblem> read_goal(std::string_view text);

/// The goal that was probably meant, or the name nearest to what was found; may be empty.
std::string meant_by(std::string_view text, const GoalProblem& problem);

/// The problem in one sentence: "at character 5 of "p95(latncy) < 1s": expected ...".
std::string goal_problem_text(std::string_view goal, const GoalProblem& problem);

// The goal that was probably meant, where one is written as other tools write theirs.

/// How goals are written, with examples, in one line.
inline constexpr const char* kGoalGrammar =
    "goals are STATISTIC(METRIC) OP VALUE [over TIME] [for request NAME], for example "
    "p95(latency) < 300ms, rate(error) <= 0.1%, throughput >= 100/s";

/// "p95(latency) < 300ms" for "p95 < 300ms" or "latency.p95 < 300ms", "p95(latency) < 1s for
/// request browse" for "p95(latency, browse) < 1s", "rate(error) < 1%" for "error_rate < 1%".
/// Always a goal that can be read; empty: none comes to mind.
std::string suggested_goal(std::string_view text);

}  // namespace poolgauge
