// What the pool driver does with connections: opening, testing, resetting, losing and closing them.
#include <utility>

#include "base/check.h"
#include "engine/pool.h"

namespace poolgauge {

namespace {

Exchange::Kind exchange_of(DriverHabits::Reset reset) {
  switch (reset) {
    case DriverHabits::Reset::commit: return Exchange::Kind::commit;
    case DriverHabits::Reset::reset_query: return Exchange::Kind::reset_query;
    case DriverHabits::Reset::discard_all: return Exchange::Kind::discard_all;
    case DriverHabits::Reset::rollback: break;
  }
  return Exchange::Kind::rollback;
}

}  // namespace

void Pool::do_open(TimePoint now, const Order& order) {
  const std::uint32_t index = order.conn.slot;
  if (index >= slots_.size()) slots_.resize(index + 1);
  Slot& slot = slots_[index];
  POOLGAUGE_CHECK(slot.session == nullptr && !slot.opening,
                  "a connection was opened in a slot that is in use");
  slot.conn = order.conn;
  slot.opening = true;
  slot.unwanted = false;
  Waiter* payer = order.has_payer ? find(order.waiter) : nullptr;
  slot.paid = payer != nullptr;
  if (payer != nullptr) {
    // What was opened for it before (a fallback follows) is nobody's any more.
    const bool paid = names(payer->paying) && slots_[payer->paying.slot].queued;
    if (paid && std::exchange(slots_[payer->paying.slot].paid, false)) --queued_.paid;
    payer->paying = order.conn;
  }
  // After the end nobody waits for it, and a pool that fills itself would never come to rest.
  if (stops_.level() == StopList::Level::firm) return;
  if (observer_ != nullptr) {
    observer_->opening(now, order.conn, payer != nullptr ? &payer->client : nullptr);
  }
  if (backend_.full(starting_)) connect_waits(order.conn);
  ++starting_;
  scope_.spawn(connect_task(order.conn));
}

// An abandoned connect finds its slot empty or somebody else's; what it made is closed here.
Task<> Pool::connect_task(ConnId conn) {
  --starting_;
  if (!names(conn)) co_return;
  Patience patience(loop_, stops_);
  slots_[conn.slot].connecting = &patience;
  if (slots_[conn.slot].unwanted) patience.cancel();
  const TimePoint began = loop_.now();
  Connected connected = co_await backend_.connect(conn, patience);
  if (!names(conn)) co_return;
  slots_[conn.slot].connecting = nullptr;
  const TimePoint sent = began + connected.waited;
  // The server's part.
  const Stretch connecting{sent, sent + connected.took(loop_.now() - sent)};
  const int steps = connected.begun ? AppLoop::kConnectSteps : 0;
  for (int step = 0; step < steps && !app_.passes_through(); ++step) {
    co_await app_.connecting();
  }
  if (!names(conn)) co_return;
  slots_[conn.slot].opening = false;
  unqueue(slots_[conn.slot]);
  if (connected.session != nullptr) {
    opened(conn, connected, connecting);
    co_return;
  }
  if (connected.begun) ++gauges_.connect_failures;
  connect_outcome_ = connected.outcome;
  connect_error_ = std::move(connected.error);
  if (observer_ != nullptr) observer_->open_failed(loop_.now(), conn, connect_outcome_);
  decide([&](TimePoint now) { policy_->on_open_failed(now, conn, *this); });
}

void Pool::opened(ConnId conn, Connected& connected, const Stretch& connecting) {
  const Duration took = connecting.end - connecting.begin;
  gauges_.connected(took, connected.times);
  Slot& slot = slots_[conn.slot];
  slot.connecting_time = connecting;
  slot.session = std::move(connected.session);
  if (watches_idle_) slot.session->watch_idle(*this, conn);
  if (observer_ != nullptr) observer_->opened(loop_.now(), conn, took);
  decide([&](TimePoint now) { policy_->on_opened(now, conn, *this); });
}

// A lazy pool orders a connection by naming a number that was never open.
void Pool::make_lazy(ConnId conn) {
  if (conn.slot >= slots_.size()) slots_.resize(conn.slot + 1);
  Slot& slot = slots_[conn.slot];
  if (slot.session != nullptr || slot.opening || conn.number <= slot.conn.number) return;
  slot.conn = conn;
  slot.connecting_time = {};
  LazyOwner& owner = *this;
  slot.session = std::make_unique<LazySession>(backend_, stops_, owner, conn);
  if (watches_idle_) slot.session->watch_idle(*this, conn);
}

void Pool::lazy_connecting(ConnId conn) {
  if (observer_ != nullptr) observer_->opening(loop_.now(), conn, nullptr);
}

void Pool::lazy_connected(ConnId conn, const Outcome& outcome, Duration took,
                          const ConnectTimes& times) {
  if (outcome.ok()) {
    gauges_.connected(took, times);
    const TimePoint now = loop_.now();
    if (names(conn)) slots_[conn.slot].connecting_time = {now - took, now};
    if (observer_ != nullptr) observer_->opened(loop_.now(), conn, took);
    return;
  }
  if (names(conn)) unqueue(slots_[conn.slot]);
  ++gauges_.connect_failures;
  if (observer_ != nullptr) observer_->open_failed(loop_.now(), conn, outcome);
}

namespace {
/// How often the application's loop hears from the server during a ping.
int answers_of(DriverHabits::Ping ping) {
  return ping == DriverHabits::Ping::in_session ? 3 : 1;
}
}  // namespace

Task<> Pool::check_task(ConnId conn) {
  Patience patience(loop_, stops_);
  Exchange ping;
  ping.kind = Exchange::Kind::ping;
  ping.ping = habits_.ping;
  ++gauges_.pings;
  Slot& slot = slot_of(conn);
  Session& session = *slot.session;
  slot.busy = true;
  const TimePoint sent = loop_.now();
  const Outcome outcome = co_await session.run(ping, patience);
  gauges_.ping_time += loop_.now() - sent;
  const int answers = app_.takes_turns() && outcome.ok() ? answers_of(habits_.ping) : 0;
  for (int answer = 0; answer < answers; ++answer) {
    co_await app_.answered(Exchange::Kind::begin);
  }
  const bool alive = outcome.ok();
  slots_[conn.slot].busy = false;
  if (!alive) {
    connect_outcome_ = outcome;
    connect_error_ = session.error_text();
  }
  if (observer_ != nullptr) observer_->checked(loop_.now(), conn, alive);
  decide([&](TimePoint now) { policy_->on_checked(now, conn, alive, *this); });
}

void Pool::do_reset(TimePoint now, ConnId conn) {
  Slot& slot = slot_of(conn);
  const bool always =
      slot.session->established() && (habits_.reset == DriverHabits::Reset::reset_query ||
                                      habits_.reset == DriverHabits::Reset::discard_all);
  if (always || slot.session->reset_needs_exchange()) {
    slot.resetting = true;
    slot.busy = true;
    scope_.spawn(reset_task(conn));
    return;
  }
  if (observer_ != nullptr) observer_->resetting(now, conn, Exchange::Kind::rollback);
  policy_->on_reset(now, conn, slot.session->condition() != Condition::broken, *this);
}

Task<> Pool::reset_task(ConnId conn) {
  Patience patience(loop_, stops_);
  Exchange exchange;
  exchange.kind = exchange_of(habits_.reset);
  ++gauges_.resets;
  if (observer_ != nullptr) observer_->resetting(loop_.now(), conn, exchange.kind);
  Session& session = *slot_of(conn).session;
  Outcome outcome;
  const TimePoint sent = loop_.now();
  if (exchange.kind == Exchange::Kind::reset_query && session.reset_needs_exchange()) {
    Exchange rollback;
    rollback.kind = Exchange::Kind::rollback;
    outcome = co_await session.run(rollback, patience);
  }
  if (outcome.ok()) {
    outcome = co_await session.run(exchange, patience);
  }
  gauges_.reset_time += loop_.now() - sent;
  co_await app_.answered(exchange.kind);  // the answer is an event of the application's loop
  const bool alive = outcome.ok();
  slots_[conn.slot].resetting = false;
  slots_[conn.slot].busy = false;
  Wait* releaser = std::exchange(slots_[conn.slot].releaser, nullptr);
  decide([&](TimePoint now) { policy_->on_reset(now, conn, alive, *this); });
  if (releaser != nullptr) releaser->wake();
}

// The slot is free at once; the connect's task hears of it in its next turn. A pool with a limit of
// its own for connects (PgBouncer) refuses others afterwards: to them the connect took too long.
void Pool::do_abandon(TimePoint now, ConnId conn) {
  Slot& slot = slot_of(conn);
  POOLGAUGE_CHECK(slot.opening, "a connect was abandoned that is not under way");
  if (slot.connecting != nullptr) slot.connecting->cancel();
  unqueue(slot);
  slot = Slot{};
  connect_outcome_ = Outcome{};
  connect_outcome_.failure = FailureClass::connect_timeout;
  connect_error_ = "the connection attempt was aborted: it took too long";
  if (observer_ != nullptr) observer_->abandoned(now, conn);
}

void Pool::connect_waits(ConnId conn) {
  if (!names(conn) || slots_[conn.slot].queued) return;
  Slot& slot = slots_[conn.slot];
  slot.queued = true;
  ++queued_.all;
  if (slot.paid) ++queued_.paid;
  if (!deciding_) note_level(loop_.now());
}

void Pool::connect_proceeds(ConnId conn) {
  if (!names(conn) || !slots_[conn.slot].queued) return;
  unqueue(slots_[conn.slot]);
  if (!deciding_) note_level(loop_.now());
}

void Pool::unqueue(Slot& slot) {
  if (!slot.queued) return;
  slot.queued = false;
  --queued_.all;
  if (slot.paid) --queued_.paid;
}

// Who gave up needs the connection no more, and nothing of it exists yet.
void Pool::drop_queued(ConnId conn) {
  if (!names(conn)) return;
  Slot& slot = slots_[conn.slot];
  if (!slot.queued) return;
  slot.unwanted = true;
  if (slot.connecting != nullptr) slot.connecting->cancel();
}

// The session speaks from the midst of the time driver's or another session's work.
void Pool::connection_lost(ConnId conn) {
  losses_.push_back(conn);
  loop_.post(run_loss, this);
}

void Pool::run_loss(void* pool) {
  Pool& self = *static_cast<Pool*>(pool);
  const ConnId conn = self.losses_.front();
  self.losses_.pop_front();
  self.lost(conn);
}

// A connection that somebody uses meanwhile fails in the user's hands instead.
void Pool::lost(ConnId conn) {
  if (!watches_idle_ || !names(conn)) return;
  const Slot& slot = slots_[conn.slot];
  const bool idle = slot.session != nullptr && slot.holders == 0 && !slot.busy;
  if (idle) decide([&](TimePoint now) { policy_->on_lost(now, conn, *this); });
}

void Pool::do_close(TimePoint now, ConnId conn, CloseReason why) {
  if (lazy_) make_lazy(conn);
  Slot& slot = slot_of(conn);
  POOLGAUGE_CHECK(slot.session != nullptr, "a connection was closed that is not open");
  POOLGAUGE_CHECK(slot.holders == 0, "a connection was closed while somebody holds it");
  const bool existed = slot.session->established();
  slot.session.reset();
  if (!existed) return;
  ++gauges_.closes;
  if (observer_ != nullptr) observer_->closed(now, conn, why);
}

}  // namespace poolgauge
