// The goals of a scenario, and whether the steps they speak of exist.
#include <algorithm>

#include "scenario/goal.h"
#include "scenario/read_spec.h"

namespace poolgauge {

namespace {

/// How a goal may name a step: "name", or "request.name".
std::vector<std::string> step_names(const std::vector<RequestSpec>& requests) {
  std::vector<std::string> names;
  for (const RequestSpec& request : requests) {
    for (const Step& step : request.steps) {
      names.push_back(step.name);
      names.push_back(request.name + "." + step.name);
    }
  }
  return names;
}

}  // namespace

std::vector<Goal> read_goals(const Node& node, const std::vector<RequestSpec>& requests) {
  std::vector<Goal> goals;
  const auto elements = read_list(node, 0, "a list of goals such as \"p95(latency) < 500ms\"");
  if (!elements) return goals;
  const std::vector<std::string> steps = step_names(requests);
  for (const Node& element : *elements) {
    const auto text = read_text(element, "a goal such as \"p95(latency) < 500ms\"");
    if (!text) continue;
    auto read = read_goal(*text);
    if (const auto* problem = std::get_if<GoalProblem>(&read)) {
      element.refuse(goal_problem_text(*text, *problem), problem->found, problem->nearest);
      continue;
    }
    Goal& goal = std::get<Goal>(read);
    const bool known = std::find(steps.begin(), steps.end(), goal.step) != steps.end();
    if (goal.metric == GoalMetric::step && !known) {
      element.refuse("expected the name of a step", shown_text(goal.step),
                     nearest_or_empty(goal.step, steps));
    }
    goals.push_back(std::move(goal));
  }
  return goals;
}

}  // namespace poolgauge
