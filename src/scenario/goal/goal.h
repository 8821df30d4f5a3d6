// One goal such as "p95(latency) < 1s", with exact complaints.
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

}  // namespace poolgauge
