// What each request of a scenario does, step by step, worked out once.
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
  action.exchange.place = static_cast<std::uint32_t>(index) + 1;
  action.time = &step.time;
  action.exchange.kind = Exchange::Kind::step;
  action.exchange.step = &step;
  action.exchange.step_index = flattened;
  action.total = step.kind == StepKind::sql    ? &RequestTrace::sql
                 : step.kind == StepKind::hold ? &RequestTrace::hold
                                               : &RequestTrace::pause;
  return action;
}

Action boundary(Exchange::Kind kind, const RequestSpec& request) {
  const bool begins = kind == Exchange::Kind::begin;
  Action action;
  action.exchange.kind = kind;
  action.exchange.mode = request.transaction;
  action.pool = request.pool;
  action.exchange.place = begins ? 0 : static_cast<std::uint32_t>(request.steps.size()) + 1;
  action.phase = begins ? Phase::begin : Phase::commit;
  action.total = begins ? &RequestTrace::begin : &RequestTrace::commit;
  return action;
}

/// BEGIN moves into the first statement's exchange. Where there is none, nothing was begun and the
/// driver sends no COMMIT either. `part`: from BEGIN to COMMIT.
void join_begin(std::vector<Action>& part) {
  const TransactionMode mode = part.front().exchange.mode;
  const std::uint32_t own = part.front().pool;
  part.erase(part.begin());
  const auto first = std::find_if(part.begin(), part.end(), [own](const Action& action) {
    return action.kind == StepKind::sql && action.exchange.kind == Exchange::Kind::step &&
           action.pool == own;
  });
  if (first != part.end()) {
    first->exchange.mode = mode;
  } else {
    part.pop_back();
  }
}

/// Adds what lies between two pauses, in a transaction of its own where the request has one and
/// there is anything to run in it.
void add_part(std::vector<Action>& plan, std::vector<Action>& part, const RequestSpec& request,
              const DriverHabits& habits) {
  const bool runs = std::any_of(part.begin(), part.end(),
                                [](const Action& a) { return a.kind == StepKind::sql; });
  const bool whole = plan.empty() && part.size() == request.steps.size();
  if (request.transaction != TransactionMode::none && (runs || whole)) {
    part.insert(part.begin(), boundary(Exchange::Kind::begin, request));
    part.push_back(boundary(Exchange::Kind::commit, request));
    if (habits.begin_with_first_statement) join_begin(part);
  }
  plan.insert(plan.end(), part.begin(), part.end());
  part.clear();
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
    std::vector<Action> part;
    for (std::size_t i = 0; i < request.steps.size(); ++i) {
      const bool pauses = request.steps[i].kind == StepKind::pause;
      if (pauses) add_part(plan, part, request, habits[request.pool]);
      std::vector<Action>& into = pauses ? plan : part;
      into.push_back(action_of(request.steps[i], flattened++, static_cast<int>(i)));
      into.back().pool = pool_of(request, i);
    }
    add_part(plan, part, request, habits[request.pool]);
    const auto index = static_cast<std::uint32_t>(plans.size());
    for (Action& action : plan) action.exchange.request = index;
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace poolgauge
