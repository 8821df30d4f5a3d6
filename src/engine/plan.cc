// What a request does in which order, worked out once.
#include <algorithm>

#include "engine/user.h"

namespace poolgauge {

namespace {

/// Where the step's connection comes from, or where the next one does.
std::uint32_t pool_of(const RequestSpec& request, std::size_t step) {
  for (std::size_t i = step; i < request.steps.size(); ++i) {
    if (request.steps[i].kind == StepKind::sql) return request.steps[i].pool;
  }
  return request.pool;
}

Action action_of(const Step& step, std::uint32_t flattened, int index) {
  Action action;
  action.kind = step.kind;
  action.step = index;
  action.time = &step.time;
  action.exchange.kind = Exchange::Kind::step;
  action.exchange.step = &step;
  action.exchange.step_index = flattened;
  action.total = step.kind == StepKind::sql    ? &RequestTrace::sql
                 : step.kind == StepKind::hold ? &RequestTrace::hold
                                               : &RequestTrace::pause;
  return action;
}

Action step_action(const RequestSpec& request, std::size_t step, std::uint32_t first_flattened) {
  const auto index = static_cast<std::uint32_t>(step);
  Action action = action_of(request.steps[step], first_flattened + index, static_cast<int>(step));
  action.pool = pool_of(request, step);
  return action;
}

/// One action for each line, so that "lines ahead" are actions ahead.
void add_lines(const RequestSpec& request, std::uint32_t first_flattened,
               std::vector<Action>& plan) {
  std::size_t next_step = 0;
  for (const ScriptLine& line : request.lines) {
    if (line.kind == ScriptLine::Kind::step) {
      next_step = line.step + 1;
      plan.push_back(step_action(request, line.step, first_flattened));
      continue;
    }
    Action action;
    action.line = &line;
    action.pool = pool_of(request, next_step);
    plan.push_back(action);
  }
}

Action boundary(Exchange::Kind kind, const RequestSpec& request) {
  const bool begins = kind == Exchange::Kind::begin;
  Action action;
  action.exchange.kind = kind;
  action.exchange.mode = request.transaction;
  action.pool = request.pool;
  action.phase = begins ? Phase::begin : Phase::commit;
  action.total = begins ? &RequestTrace::begin : &RequestTrace::commit;
  return action;
}

/// BEGIN moves into the first statement's exchange. Where there is none, nothing was begun and the
/// driver sends no COMMIT either.
void join_begin(std::vector<Action>& plan) {
  const TransactionMode mode = plan.front().exchange.mode;
  const std::uint32_t own = plan.front().pool;
  plan.erase(plan.begin());
  const auto first = std::find_if(plan.begin(), plan.end(), [own](const Action& action) {
    return action.kind == StepKind::sql && action.exchange.kind == Exchange::Kind::step &&
           action.pool == own;
  });
  if (first != plan.end()) {
    first->exchange.mode = mode;
  } else {
    plan.pop_back();
  }
}

}  // namespace

std::vector<std::vector<Action>> plan_requests(const Scenario& scenario) {
  std::vector<DriverHabits> habits;
  for (std::uint32_t i = 0; i < scenario.deployment.pool_count(); ++i) {
    habits.push_back(make_policy(scenario.deployment.pool_at(i))->habits());
  }
  return plan_requests(scenario, habits);
}

std::vector<std::vector<Action>> plan_requests(const Scenario& scenario,
                                               const std::vector<DriverHabits>& habits) {
  std::vector<std::vector<Action>> plans;
  std::uint32_t flattened = 0;
  for (const RequestSpec& request : scenario.requests) {
    std::vector<Action> plan;
    const bool transaction = request.transaction != TransactionMode::none;
    if (transaction) plan.push_back(boundary(Exchange::Kind::begin, request));
    if (request.lines.empty()) {
      for (std::size_t i = 0; i < request.steps.size(); ++i) {
        plan.push_back(step_action(request, i, flattened));
      }
    } else {
      add_lines(request, flattened, plan);
    }
    flattened += static_cast<std::uint32_t>(request.steps.size());
    if (transaction) plan.push_back(boundary(Exchange::Kind::commit, request));
    // A first statement that a condition may leave out cannot carry the BEGIN.
    const bool joins = habits[request.pool].begin_with_first_statement && request.lines.empty();
    if (transaction && joins) join_begin(plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace poolgauge
