// The life of a request. The same code runs live and simulated.
#include "engine/user.h"

#include <algorithm>

namespace poolgauge {

namespace {

std::int64_t permanent_size(const Scenario& scenario) {
  return pool_permanent_size(scenario.deployment.pool);
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
  seat.failed_phase = outcome.failure == FailureClass::deadline ? Phase::deadline : phase;
  if (session == nullptr || !seat.process.world.recorder.wants_example(phase, outcome)) return;
  seat.failure_text = session->error_text();
}

Outcome outcome_of(WakeReason why) {
  Outcome outcome;
  if (why == WakeReason::deadline) outcome.failure = FailureClass::deadline;
  if (why == WakeReason::stop) outcome.failure = FailureClass::stopped;
  return outcome;
}

void note_refusal(Seat& seat, const Acquired& acquired) {
  const Pool& pool = seat.process.pool;
  Outcome outcome;
  Phase phase = Phase::checkout;
  std::string text;
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
  seat.failure_text =
      phase == Phase::connect ? pool.connect_error() : pool.refusal_text(acquired.refusal);
}

/// Takes a connection and books the wait; the lease is empty when it was refused.
Task<Lease> checkout(Seat& seat) {
  Process& process = seat.process;
  Loop& loop = process.world.loop;
  const TimePoint asked = loop.now();
  Acquired acquired = co_await process.pool.acquire(seat.client, seat.patience);
  const TimePoint answered = loop.now();
  seat.trace.pool_wait += answered - asked;
  if (acquired.granted()) {
    process.world.recorder.granted(answered, answered - asked);
  } else {
    note_refusal(seat, acquired);
  }
  co_return std::move(acquired.lease);
}

Task<> checkin(Seat& seat, Lease& lease, TimePoint since) {
  Loop& loop = seat.process.world.loop;
  const TimePoint before = loop.now();
  const Condition condition = lease.session().condition();
  co_await seat.process.pool.release(lease, condition);
  const TimePoint after = loop.now();
  seat.trace.release += after - before;
  seat.trace.connection += after - since;
}

/// One exchange; false when the request cannot go on.
Task<bool> exchange(Seat& seat, Lease& lease, const Exchange& what, Phase phase, Duration& spent) {
  Loop& loop = seat.process.world.loop;
  const TimePoint before = loop.now();
  const Outcome outcome = co_await lease.session().run(what, seat.patience);
  spent = loop.now() - before;
  if (!outcome.ok()) note_failure(seat, phase, outcome, &lease.session());
  co_return outcome.ok();
}

/// What an application's transaction block does on its way out of a failure.
Task<> roll_back(Seat& seat, Lease& lease) {
  if (!lease.held() || lease.session().condition() != Condition::in_transaction) co_return;
  Exchange what;
  what.kind = Exchange::Kind::rollback;
  Duration spent{0};
  const bool rolled_back = co_await exchange(seat, lease, what, Phase::commit, spent);
  if (rolled_back) seat.trace.release += spent;
}

Task<bool> wait_step(Seat& seat, const Step& step, Duration& spent) {
  Loop& loop = seat.process.world.loop;
  const TimePoint before = loop.now();
  const Duration length = draw(step.time, seat.rng);
  const WakeReason why = co_await seat.patience.sleep_until(before + length);
  spent = loop.now() - before;
  if (why != WakeReason::done) note_failure(seat, Phase::step, outcome_of(why), nullptr);
  co_return why == WakeReason::done;
}

/// Begin, steps, commit. The lease may be another one afterwards (pause), or empty.
Task<> run_body(Seat& seat, Lease& lease) {
  const RequestSpec& request = seat.process.world.scenario.requests[seat.trace.request];
  const std::uint32_t base = seat.process.world.step_base[seat.trace.request];
  TimePoint since = seat.process.world.loop.now();
  Exchange what;
  bool going = true;
  if (request.transaction != TransactionMode::none) {
    what.kind = Exchange::Kind::begin;
    what.mode = request.transaction;
    going = co_await exchange(seat, lease, what, Phase::begin, seat.trace.begin);
  }
  for (std::uint32_t i = 0; going && i < request.steps.size(); ++i) {
    const Step& step = request.steps[i];
    Duration spent{0};
    if (step.kind == StepKind::sql) {
      what.kind = Exchange::Kind::step;
      what.step = &step;
      what.step_index = base + i;
      what.values = &seat.values;
      going = co_await exchange(seat, lease, what, Phase::step, spent);
      seat.trace.sql += spent;
    } else if (step.kind == StepKind::hold) {
      going = co_await wait_step(seat, step, spent);
      seat.trace.hold += spent;
    } else {
      co_await checkin(seat, lease, since);
      going = co_await wait_step(seat, step, spent);
      seat.trace.pause += spent;
      if (going) lease = co_await checkout(seat);
      since = seat.process.world.loop.now();
      going = going && lease.held();
    }
    seat.trace.steps[i] = spent;
  }
  if (going && request.transaction != TransactionMode::none) {
    what.kind = Exchange::Kind::commit;
    going = co_await exchange(seat, lease, what, Phase::commit, seat.trace.commit);
  }
  if (!going) co_await roll_back(seat, lease);
  if (lease.held()) co_await checkin(seat, lease, since);
}

}  // namespace

Process::Process(World& w, std::uint32_t i, Backend& backend)
    : world(w),
      index(i),
      pool(w.scope, w.stops, backend, make_policy(w.scenario.deployment.pool),
           permanent_size(w.scenario), nullptr) {}

Seat::Seat(Process& p, ClientId c, std::uint64_t seed, std::uint64_t stream)
    : process(p), client(c), rng(seed, stream), patience(p.world.loop, p.world.stops) {}

Task<> run_request(Seat& seat, TimePoint intended) {
  World& world = seat.process.world;
  const std::uint32_t request = pick_request(world, seat.rng);
  const TimePoint started = world.loop.now();
  seat.trace.steps.resize(world.scenario.requests[request].steps.size());
  seat.trace.reset(request, intended, started);
  seat.failure = Outcome{};
  if (world.scenario.deadline) seat.patience.set_deadline(intended + *world.scenario.deadline);
  world.values.draw(request, seat.rng, seat.values);

  Lease lease = co_await checkout(seat);
  if (lease.held()) co_await run_body(seat, lease);

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
    if (thinks) world.recorder.lag(started, started - intended);
    co_await run_request(seat, intended);
    const TimePoint ended = world.loop.now();
    intended = ended;
    if (thinks) intended += draw(think, seat.rng);
    // A request that took no time at all (a pool that refuses at once) must not stop the clock.
    if (ended == started && intended == ended) intended += std::chrono::microseconds(1);
    if (intended > ended) {
      const WakeReason why = co_await seat.patience.sleep_until(intended);
      if (why != WakeReason::done) break;
    }
  }
}

}  // namespace poolgauge
