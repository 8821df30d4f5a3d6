// The goals of a scenario, and whether the steps they speak of exist.
#include <fmt/ranges.h>

#include <algorithm>

#include "scenario/goal/goal.h"
#include "scenario/read/read_spec.h"

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

/// A goal's text, alone or in {"goal": ..., "abort_on_fail": true, "grace": "5s"}.
struct Written {
  Node node;
  std::string text;
  bool abort_on_fail = false;
  Duration grace{0};
};

std::optional<Written> read_written(const Node& element) {
  constexpr const char* kWhat = "a goal such as \"p95(latency) < 500ms\"";
  if (element.json->is_string()) return Written{element, element.json->get<std::string>()};
  if (!element.json->is_object()) {
    element.refuse(std::string("expected ") + kWhat, shown(*element.json), "", kGoalGrammar);
    return std::nullopt;
  }
  ObjectReader object(element);
  std::optional<Written> written;
  if (const auto goal = object.require("goal", kWhat)) {
    if (const auto text = read_text(*goal, kWhat)) written = Written{*goal, *text};
  }
  const auto aborts = object.take("abort_on_fail");
  const auto grace = object.take("grace");
  object.finish();
  if (!written) return written;
  if (aborts) written->abort_on_fail = read_boolean(*aborts).value_or(false);
  if (grace) written->grace = read_duration(*grace, Zero::allowed).value_or(Duration{0});
  if (grace && !written->abort_on_fail) {
    grace->refuse("a grace time needs \"abort_on_fail\": true");
  }
  return written;
}

void refuse_name(const Node& node, const char* what, const std::string& name,
                 const std::vector<std::string>& known) {
  node.refuse(std::string("expected the name of a ") + what, shown_text(name),
              nearest_or_empty(name, known),
              fmt::format("known names: {}", fmt::join(known, ", ")));
}

/// Whether what the goal speaks of exists.
void check_names(const Node& node, const Goal& goal, const std::vector<RequestSpec>& requests) {
  if (requests.empty()) return;  // a mistake of its own
  std::vector<std::string> names;
  std::vector<RequestSpec> chosen;
  for (const RequestSpec& request : requests) {
    names.push_back(request.name);
    if (goal.request.empty() || goal.request == request.name) chosen.push_back(request);
  }
  if (chosen.empty()) {
    return refuse_name(node, "request", goal.request, names);
  }
  const std::vector<std::string> steps = step_names(chosen);
  const bool known = std::find(steps.begin(), steps.end(), goal.step) != steps.end();
  if (goal.metric == GoalMetric::step && !known) {
    refuse_name(node, "step", goal.step, steps);
  }
}

}  // namespace

std::vector<Goal> read_goals(const Node& node, const std::vector<RequestSpec>& requests) {
  std::vector<Goal> goals;
  const auto elements = read_list(node, 0, "a list of goals such as \"p95(latency) < 500ms\"");
  if (!elements) return goals;
  for (const Node& element : *elements) {
    const auto written = read_written(element);
    if (!written) continue;
    auto read = read_goal(written->text);
    if (const auto* problem = std::get_if<GoalProblem>(&read)) {
      const std::string meant = meant_by(written->text, *problem);
      written->node.refuse(goal_problem_text(written->text, *problem), problem->found, meant,
                           meant.empty() ? kGoalGrammar : "");
      continue;
    }
    Goal& goal = std::get<Goal>(read);
    goal.abort_on_fail = written->abort_on_fail;
    goal.grace = written->grace;
    check_names(written->node, goal, requests);
    goals.push_back(std::move(goal));
  }
  return goals;
}

}  // namespace poolgauge
