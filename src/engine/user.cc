// The life of a request. The same code runs live and simulated.
#include "engine/user.h"

#include <algorithm>

namespace poolgauge {

namespace {

constexpr std::uint64_t kAppLoopSeed = 0x617070;

AppLoop::Costs app_costs(const PoolSpec& spec) {
  if (spec.kind == "sqlalchemy-async") {
    return AppLoop::costs_of_sqlalchemy(spec.duration("task_time"));
  }
  if (spec.kind == "asyncpg") return AppLoop::costs_of_asyncpg(spec.duration("task_time"));
  return {};
}

/// A process has one event loop, whatever else it runs: that of its first pool that has one.
AppLoop::Costs app_costs(const Deployment& deployment) {
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const AppLoop::Costs costs = app_costs(deployment.pool_at(i));
    if (costs.granted > Duration::zero()) return costs;
  }
  return {};
}

/// For the random part of a pool's decisions: its own in each process.
std::uint64_t policy_seed(const World& world, std::uint32_t process, std::uint32_t pool) {
  constexpr std::uint32_t kPoolBits = 8;
  return world.seed + ((static_cast<std::uint64_t>(process) << kPoolBits) | pool);
}

std::uint32_t pick_request(const World& world, Rng& rng) {
  const std::vector<double>& ladder = world.request_ladder;
  if (ladder.size() == 1) return 0;
  const double at = rng.uniform() * ladder.back();
  const auto place = std::upper_bound(ladder.begin(), ladder.end(), at) - ladder.begin();
  return static_cast<std::uint32_t>(std::min(static_cast<std::size_t>(place), ladder.size() - 1));
}

void note_failure(Seat& seat, Phase phase, const Outcome& outcome, const Session* session) {
  if (!seat.failure.ok()) return;
  seat.failure = outcome;
  if (session != nullptr) phase = session->failed_phase(phase);
  seat.failed_phase = outcome.failure == FailureClass::deadline ? Phase::deadline : phase;
  if (session == nullptr) return;
  if (!seat.process.world.recorder.wants_example(seat.failed_phase, outcome)) return;
  seat.failure_text = session->error_text();
}

Outcome outcome_of(WakeReason why) {
  Outcome outcome;
  if (why == WakeReason::deadline) outcome.failure = FailureClass::deadline;
  if (why == WakeReason::stop) outcome.failure = FailureClass::stopped;
  return outcome;
}

void note_refusal(Seat& seat, const Pool& pool, const Acquired& acquired) {
  Outcome outcome;
  Phase phase = Phase::checkout;
  switch (acquired.refusal) {
    case Refusal::timeout: outcome.failure = FailureClass::pool_timeout; break;
    case Refusal::overloaded: outcome.failure = FailureClass::pool_overloaded; break;
    case Refusal::gave_up: outcome = outcome_of(acquired.gave_up); break;
    case Refusal::connect_failed:
      outcome = acquired.connect_outcome;
      phase = Phase::connect;
      break;
  }
  note_failure(seat, phase, outcome, nullptr);
  if (!seat.process.world.recorder.wants_example(seat.failed_phase, outcome)) return;
  seat.failure_text = acquired.refusal == Refusal::connect_failed
                          ? acquired.error_text()
                          : pool.refusal_text(acquired.refusal);
}

/// Books an answered acquire; the holding stays empty when it was refused.
void note_answer(Seat& seat, std::uint32_t pool, Acquired& acquired, TimePoint asked) {
  World& world = seat.process.world;
  const TimePoint answered = world.loop.now();
  seat.trace.pool_wait += answered - asked;
  if (!acquired.granted()) return note_refusal(seat, *seat.process.pools[pool], acquired);
  world.recorder.granted(answered, answered - asked, seat.trace.request);
  Holding& holding = seat.holdings[pool];
  holding.lease = std::move(acquired.lease);
  holding.since = answered;
}

/// Asks the pool and waits for its answer.
Task<> take(Seat& seat, std::uint32_t pool) {
  AppLoop& app = seat.process.app;
  const TimePoint asked = seat.process.world.loop.now();
  Acquired acquired = co_await seat.process.pools[pool]->acquire(seat.client, seat.patience);
  if (acquired.waited && acquired.granted()) {
    co_await app.granted();
  } else if (acquired.waited) {
    co_await app.refused();
  }
  note_answer(seat, pool, acquired, asked);
}

/// A connection lost to our own impatience says nothing of the others: an engine that sees a
/// disconnect invalidates its whole pool, one whose statement was cancelled only that connection.
Condition condition_now(const Seat& seat, const Session& session) {
  const Condition condition = session.condition();
  const FailureClass failure = seat.failure.failure;
  const bool gave_up = failure == FailureClass::deadline || failure == FailureClass::stopped;
  return condition == Condition::broken && gave_up ? Condition::invalidated : condition;
}

void note_return(Seat& seat, const Holding& holding, TimePoint before) {
  const TimePoint after = seat.process.world.loop.now();
  seat.trace.release += after - before;
  seat.trace.connection += after - holding.since;
}

/// Gives back every connection the request has, the request's own last.
Task<> give_back(Seat& seat) {
  Loop& loop = seat.process.world.loop;
  AppLoop& app = seat.process.app;
  const std::uint32_t own = seat.process.world.scenario.requests[seat.trace.request].pool;
  const auto pools = static_cast<std::uint32_t>(seat.holdings.size());
  for (std::uint32_t i = 1; i <= pools; ++i) {
    const std::uint32_t pool = (own + i) % pools;
    Holding& holding = seat.holdings[pool];
    if (!holding.lease.held()) continue;
    const TimePoint before = loop.now();
    const Condition condition = condition_now(seat, holding.lease.session());
    co_await app.closing();
    co_await seat.process.pools[pool]->release(holding.lease, condition);
    co_await app.closed();
    note_return(seat, holding, before);
  }
}

/// Gives the connections back, waits, takes one again.
Task<Outcome> pause(Seat& seat, std::uint32_t pool, Duration length, Duration& paused) {
  Loop& loop = seat.process.world.loop;
  AppLoop& app = seat.process.app;
  co_await give_back(seat);
  const TimePoint returned = loop.now();
  const WakeReason why = co_await seat.patience.sleep_until(returned + length);
  co_await app.timer_due();
  paused = loop.now() - returned;
  if (why != WakeReason::done) co_return outcome_of(why);
  co_await take(seat, pool);
  co_return seat.failure;
}

/// What an application's transaction block does on its way out of a failure.
Task<> roll_back(Seat& seat) {
  World& world = seat.process.world;
  const Lease& lease = seat.holdings[world.scenario.requests[seat.trace.request].pool].lease;
  if (!lease.held() || lease.session().condition() != Condition::in_transaction) co_return;
  // A deadline that ended a hold has had its effect: the way out is gone in order.
  seat.patience.set_deadline(kNever);
  const TimePoint before = world.loop.now();
  Exchange what;
  what.kind = Exchange::Kind::rollback;
  const Outcome outcome = co_await lease.session().run(what, seat.patience);
  if (outcome.ok()) seat.trace.release += world.loop.now() - before;
}

/// Begin, steps, commit. The connections may be others afterwards (pause), more, or none.
Task<> run_actions(Seat& seat, TimePoint before) {
  Loop& loop = seat.process.world.loop;
  AppLoop& app = seat.process.app;
  for (const Action& action : seat.process.world.plans[seat.trace.request]) {
    Outcome outcome;
    Duration spent{-1};
    if (action.kind == StepKind::sql) {
      const Lease& lease = seat.holdings[action.pool].lease;
      if (!lease.held()) {
        co_await take(seat, action.pool);
        before = loop.now();
        if (!lease.held()) break;
      }
      Exchange what = action.exchange;
      what.values = &seat.values;
      outcome = co_await lease.session().run(what, seat.patience);
      co_await app.answered(what.kind);
    } else if (action.kind == StepKind::hold) {
      const TimePoint until = before + draw(*action.time, seat.rng);
      const WakeReason why = co_await seat.patience.sleep_until(until);
      outcome = outcome_of(why);
      co_await app.timer_due();
    } else {
      const Duration length = draw(*action.time, seat.rng);
      outcome = co_await pause(seat, action.pool, length, spent);
    }
    const TimePoint after = loop.now();
    if (spent < Duration::zero()) spent = after - before;
    before = after;
    seat.trace.*action.total += spent;
    if (action.step >= 0) seat.trace.steps[static_cast<std::size_t>(action.step)] = spent;
    if (outcome.ok()) continue;
    const Lease& lease = seat.holdings[action.pool].lease;
    note_failure(seat, action.phase, outcome, lease.held() ? &lease.session() : nullptr);
    break;
  }
  if (seat.failure.ok()) co_return;
  co_await roll_back(seat);
}

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
    for (std::size_t i = 0; i < request.steps.size(); ++i) {
      plan.push_back(action_of(request.steps[i], flattened++, static_cast<int>(i)));
      plan.back().pool = pool_of(request, i);
    }
    if (transaction) plan.push_back(boundary(Exchange::Kind::commit, request));
    if (transaction && habits[request.pool].begin_with_first_statement) join_begin(plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

Process::Process(World& w, std::uint32_t i, const Backends& backends)
    : world(w),
      index(i),
      app(w.loop, w.stops, app_costs(w.scenario.deployment), (w.seed ^ kAppLoopSeed) + i) {
  const Deployment& deployment = w.scenario.deployment;
  for (std::uint32_t p = 0; p < deployment.pool_count(); ++p) {
    const PoolSpec& spec = deployment.pool_at(p);
    pools.push_back(std::make_unique<Pool>(w.scope, w.stops, *backends[p], app,
                                           make_policy(spec, policy_seed(w, i, p)),
                                           pool_permanent_size(spec), nullptr));
  }
}

Seat::Seat(Process& p, ClientId c, std::uint64_t seed, std::uint64_t stream)
    : process(p),
      client(c),
      rng(seed, stream),
      patience(p.world.loop, p.world.stops),
      holdings(p.pools.size()) {}

Task<> run_request(Seat& seat, TimePoint intended) {
  World& world = seat.process.world;
  const std::uint32_t request = pick_request(world, seat.rng);
  const TimePoint started = world.loop.now();
  seat.trace.steps.resize(world.scenario.requests[request].steps.size());
  seat.trace.reset(request, intended, started);
  seat.failure = Outcome{};
  if (world.scenario.deadline) seat.patience.set_deadline(intended + *world.scenario.deadline);
  world.values.draw(request, seat.rng, seat.values);

  const std::uint32_t first = world.plans[request].front().pool;
  AppLoop& app = seat.process.app;
  Acquired acquired = co_await seat.process.pools[first]->acquire(seat.client, seat.patience);
  if (acquired.waited && acquired.granted()) {
    co_await app.granted();
  } else if (acquired.waited) {
    co_await app.refused();
  }
  note_answer(seat, first, acquired, started);
  Holding& holding = seat.holdings[first];
  if (holding.lease.held()) {
    co_await run_actions(seat, holding.since);
  }
  if (seat.holdings.size() > 1) {
    co_await give_back(seat);
  } else if (holding.lease.held()) {
    // The same without a coroutine of its own, which would be felt in a long simulation.
    const TimePoint before = world.loop.now();
    const Condition condition = condition_now(seat, holding.lease.session());
    co_await app.closing();
    co_await seat.process.pools[first]->release(holding.lease, condition);
    co_await app.closed();
    note_return(seat, holding, before);
  }

  seat.patience.set_deadline(kNever);
  const TimePoint now = world.loop.now();
  if (seat.failure.ok()) {
    world.recorder.completed(now, seat.trace);
  } else {
    world.recorder.failed(now, seat.trace, seat.failed_phase, seat.failure, seat.failure_text);
    seat.failure_text.clear();
  }
}

Task<> closed_user(Seat& seat, TimePoint first) {
  World& world = seat.process.world;
  const DurationSpec& think = std::get<ClosedLoad>(world.scenario.load).think;
  const bool thinks = mean_of(think) > Duration::zero();
  TimePoint intended = first;
  while (!seat.patience.stopped()) {
    const TimePoint started = world.loop.now();
    co_await run_request(seat, intended);
    const TimePoint ended = world.loop.now();
    intended = ended;
    if (thinks) intended += draw(think, seat.rng);
    // A request that took no time at all (a pool that refuses at once) must not stop the clock, nor
    // make a simulation endless: an application's own loop takes time, too.
    if (ended == started && intended == ended) intended += std::chrono::milliseconds(1);
    if (intended == ended) continue;
    const WakeReason why = co_await seat.patience.sleep_until(intended);
    if (why != WakeReason::done) break;
    const TimePoint woken = world.loop.now();
    if (thinks) world.recorder.lag(woken, woken - intended);
    co_await seat.process.app.requested();  // a request that comes in is an event of its loop
  }
}

}  // namespace poolgauge
