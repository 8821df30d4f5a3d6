// The life of a request. The same code runs live and simulated.
#include "engine/user.h"

#include <algorithm>
#include <cmath>

namespace poolgauge {

namespace {

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

void fail_script(Seat& seat, const std::string& place, const char* problem) {
  Outcome outcome;
  outcome.failure = FailureClass::script_error;
  note_failure(seat, Phase::step, outcome, nullptr);
  if (!seat.process.world.recorder.wants_example(seat.failed_phase, outcome)) return;
  seat.failure_text = place + ": " + problem;
}

void note_refusal(Seat& seat, const Pool& pool, const Acquired& acquired) {
  Outcome outcome;
  Phase phase = Phase::checkout;
  switch (acquired.refusal) {
    case Refusal::timeout: outcome.failure = FailureClass::pool_timeout; break;
    case Refusal::overloaded: outcome.failure = FailureClass::pool_overloaded; break;
    case Refusal::gave_up:
      outcome = outcome_of(acquired.gave_up);
      seat.trace.gave_up_waiting = true;
      break;
    case Refusal::connect_failed:
      outcome = acquired.connect_outcome;
      phase = Phase::connect;
      break;
  }
  note_failure(seat, phase, outcome, nullptr);
  if (!seat.process.world.recorder.wants_example(seat.failed_phase, outcome)) return;
  seat.failure_text = pool.refusal_text(acquired.refusal);
  if (acquired.refusal != Refusal::connect_failed) return;
  if (!seat.failure_text.empty()) seat.failure_text += ": ";
  seat.failure_text += acquired.error_text();
}

/// A stretch of the request's time of which a part may have been spent on making the connection.
void note_span(Seat& seat, SpanKind kind, std::uint32_t place, std::uint32_t pool, TimePoint from,
               TimePoint to, const Stretch& connecting) {
  RequestTrace& trace = seat.trace;
  trace.passed(kind, place, from, to);
  const TimePoint began = std::max(from, connecting.begin);
  const TimePoint ended = std::min(to, connecting.end);
  if (began >= ended) return trace.span(kind, place, from, to);
  if (from < began) trace.span(kind, place, from, began);
  trace.span(SpanKind::connect, pool, began, ended);
  if (ended < to) trace.span(kind, place, ended, to);
  trace.connect += ended - began;
}

/// Books an answered acquire; the holding stays empty when it was refused.
void note_answer(Seat& seat, std::uint32_t pool, Acquired& acquired, TimePoint asked) {
  World& world = seat.process.world;
  const TimePoint answered = world.loop.now();
  seat.trace.asked.reset();
  seat.trace.pool_wait += answered - asked;
  note_span(seat, SpanKind::pool_wait, pool, pool, asked, answered, acquired.connecting);
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
  seat.trace.asked = asked;
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

void note_return(Seat& seat, std::uint32_t pool, TimePoint before) {
  const TimePoint after = seat.process.world.loop.now();
  const Holding& holding = seat.holdings[pool];
  seat.trace.span(SpanKind::reset, pool, before, after);
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
    if (app.takes_turns()) co_await app.closing();
    co_await seat.process.pools[pool]->release(holding.lease, condition);
    if (app.takes_turns()) co_await app.closed();
    note_return(seat, pool, before);
  }
}

/// What a span of it names: the step, or at the transaction's ends the pool.
std::uint32_t place_of(const Action& action) {
  return action.step >= 0 ? static_cast<std::uint32_t>(action.step) : action.pool;
}

/// The span of anything but a pause, which is several.
void note_action(Seat& seat, const Action& action, TimePoint before, TimePoint after) {
  const std::uint32_t place = place_of(action);
  if (action.kind == StepKind::hold) {
    seat.trace.passed(SpanKind::hold, place, before, after);
    return seat.trace.span(SpanKind::hold, place, before, after);
  }
  const SpanKind kind = action.step >= 0               ? SpanKind::sql
                        : action.phase == Phase::begin ? SpanKind::begin
                                                       : SpanKind::commit;
  Pool& pool = *seat.process.pools[action.pool];
  const Lease& lease = seat.holdings[action.pool].lease;
  const bool may_connect = pool.connects_lazily() && lease.held();
  const Stretch connecting = may_connect ? pool.connecting(lease.conn()) : Stretch{};
  note_span(seat, kind, place, action.pool, before, after, connecting);
}

/// Runs a command of a script; nothing when the request has failed by it.
std::optional<std::uint32_t> run_line(Seat& seat, const ScriptLine& line) {
  const LineResult result = run_script_line(line, seat.script, seat.values, seat.rng);
  if (result.problem == nullptr) return result.ahead;
  fail_script(seat, line.place, result.problem);
  return std::nullopt;
}

/// A statement of a script whose row is kept, and what became of it.
bool keep_row(Seat& seat, const Action& action) {
  const Step& step = *action.exchange.step;
  if (keep_results(step, seat.script, seat.values)) return true;
  fail_script(seat, step.name, "\\gset expects one row");
  return false;
}

/// How long a hold is this time; nothing when a script's variable is no number.
std::optional<Duration> length_of(Seat& seat, const Action& action) {
  const Step* step = action.exchange.step;
  if (!step->time_variable) return draw(*action.time, seat.rng);
  const auto length = script_sleep(*step, seat.script, seat.values);
  if (!length) fail_script(seat, step->name, "\\sleep expects a number");
  return length;
}

/// Gives the connections back, waits, takes one again.
Task<Outcome> pause(Seat& seat, const Action& action, Duration length, Duration& paused) {
  Loop& loop = seat.process.world.loop;
  AppLoop& app = seat.process.app;
  co_await give_back(seat);
  const TimePoint returned = loop.now();
  const WakeReason why = co_await seat.patience.sleep_until(returned + length);
  if (app.takes_turns()) co_await app.timer_due();
  const TimePoint woken = loop.now();
  paused = woken - returned;
  seat.trace.passed(SpanKind::pause, place_of(action), returned, woken);
  seat.trace.span(SpanKind::pause, place_of(action), returned, woken);
  if (why != WakeReason::done) co_return outcome_of(why);
  co_await take(seat, action.pool);
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
  const TimePoint after = world.loop.now();
  seat.trace.span(SpanKind::reset, world.scenario.requests[seat.trace.request].pool, before, after);
  if (outcome.ok()) seat.trace.release += after - before;
}

/// Begin, steps, commit. The connections may be others afterwards (pause), more, or none.
Task<> run_actions(Seat& seat, TimePoint before) {
  Loop& loop = seat.process.world.loop;
  AppLoop& app = seat.process.app;
  Activity& activity = seat.process.world.recorder.activity();
  const std::vector<Action>& plan = seat.process.world.plans[seat.trace.request];
  for (std::size_t at = 0; at < plan.size(); ++at) {
    const Action& action = plan[at];
    if (action.line != nullptr) {
      const std::optional<std::uint32_t> ahead = run_line(seat, *action.line);
      if (!ahead) break;
      at += *ahead;
      continue;
    }
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
      const bool keeps = what.kind == Exchange::Kind::step && what.step->wants_row;
      if (keeps) what.capture = seat.script.begin_capture(seat.values);
      const Activity::Mark sent = activity.begin(before);
      outcome = co_await lease.session().run(what, seat.patience);
      seat.trace.exchanges[what.place] = activity.end(loop.now(), sent);
      if (app.takes_turns()) co_await app.answered(what.kind);
      const bool lacks_row = keeps && outcome.ok() && !keep_row(seat, action);
      if (lacks_row) break;
    } else if (action.kind == StepKind::hold) {
      const std::optional<Duration> length = length_of(seat, action);
      if (!length) break;
      const TimePoint until = before + *length;
      const WakeReason why = co_await seat.patience.sleep_until(until);
      outcome = outcome_of(why);
      if (app.takes_turns()) co_await app.timer_due();
    } else {
      const Duration length = draw(*action.time, seat.rng);
      outcome = co_await pause(seat, action, length, spent);
    }
    const TimePoint after = loop.now();
    if (spent < Duration::zero()) {
      spent = after - before;
      note_action(seat, action, before, after);
    }
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

constexpr Duration kLongestBackoff = std::chrono::hours(1);

/// False when the request has failed for good; else after the back-off, ready for another attempt.
Task<bool> back_off(Seat& seat) {
  World& world = seat.process.world;
  const RetrySpec& retry = world.scenario.requests[seat.trace.request].retry;
  if (seat.trace.retries >= retry.max || !retry.covers(seat.failure.sqlstate)) co_return false;
  const TimePoint before = world.loop.now();
  const double longer = std::pow(retry.factor, seat.trace.retries);
  const double wait_s = to_s(draw(retry.backoff, seat.rng)) * longer;
  const Duration wait = from_s(std::min(wait_s, to_s(kLongestBackoff)));
  ++seat.trace.retries;
  world.recorder.retried(before, seat.failure.sqlstate);
  seat.failure = Outcome{};
  seat.failure_text.clear();
  // The way out of the attempt has put the deadline off.
  if (world.scenario.deadline) {
    seat.patience.set_deadline(seat.trace.intended + *world.scenario.deadline);
  }
  const WakeReason why = co_await seat.patience.sleep_until(before + wait);
  co_await seat.process.app.timer_due();
  const TimePoint after = world.loop.now();
  seat.trace.backoff += after - before;
  seat.trace.span(SpanKind::backoff, 0, before, after);
  if (why == WakeReason::done) co_return true;
  note_failure(seat, Phase::step, outcome_of(why), nullptr);
  co_return false;
}

}  // namespace

Task<> run_request(Seat& seat, TimePoint intended, std::uint32_t request, std::uint32_t nth) {
  World& world = seat.process.world;
  if (request == kAnyRequest) request = pick_request(world, seat.rng);
  const TimePoint started = world.loop.now();
  world.recorder.begun(intended);
  const std::size_t steps = world.scenario.requests[request].steps.size();
  seat.trace.steps.resize(steps);
  seat.trace.exchanges.resize(steps + 2);
  seat.trace.reset(request, intended, started);
  seat.failure = Outcome{};
  if (world.scenario.deadline) seat.patience.set_deadline(intended + *world.scenario.deadline);
  world.values.draw(request, seat.rng, seat.values, nth);

  const std::uint32_t first = world.plans[request].front().pool;
  AppLoop& app = seat.process.app;
  TimePoint asked = started;
  for (bool again = true; again;) {
    seat.trace.asked = asked;
    Acquired acquired = co_await seat.process.pools[first]->acquire(seat.client, seat.patience);
    const bool turn = acquired.waited && app.takes_turns();
    if (turn && acquired.granted()) {
      co_await app.granted();
    } else if (turn) {
      co_await app.refused();
    }
    note_answer(seat, first, acquired, asked);
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
      if (app.takes_turns()) co_await app.closing();
      co_await seat.process.pools[first]->release(holding.lease, condition);
      if (app.takes_turns()) co_await app.closed();
      note_return(seat, first, before);
    }
    again = !seat.failure.ok();
    if (again) {
      again = co_await back_off(seat);
      asked = world.loop.now();
    }
  }

  seat.patience.set_deadline(kNever);
  seat.trace.under_way = false;
  const TimePoint now = world.loop.now();
  if (seat.failure.ok()) {
    world.recorder.completed(now, seat.trace);
  } else {
    world.recorder.failed(now, seat.trace, seat.failed_phase, seat.failure, seat.failure_text);
    seat.failure_text.clear();
  }
}

}  // namespace poolgauge
