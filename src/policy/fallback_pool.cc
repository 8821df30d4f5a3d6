// Passing on what a pool decides, and catching those it refuses.
#include "policy/fallback_pool.h"

#include <utility>

namespace poolgauge {

FallbackPool::FallbackPool(std::unique_ptr<PoolPolicy> inner) : inner_(std::move(inner)) {}

template <typename Event>
void FallbackPool::inside(Actions& act, const Event& event) {
  Actions* const outside = std::exchange(act_, &act);
  event();
  act_ = outside;
}

void FallbackPool::on_start(TimePoint now, Actions& act) {
  inside(act, [&] { inner_->on_start(now, *this); });
}

void FallbackPool::on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) {
  inside(act, [&] { inner_->on_acquire(now, waiter, client, *this); });
}

// A call the inner pool ordered before it refused this waiter finds it gone.
void FallbackPool::on_wake(TimePoint now, WaiterId waiter, Actions& act) {
  if (is_outcast(waiter)) return;
  inside(act, [&] { inner_->on_wake(now, waiter, *this); });
}

void FallbackPool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  if (is_outcast(waiter)) return;
  inside(act, [&] { inner_->on_deadline(now, waiter, *this); });
}

void FallbackPool::on_give_up(TimePoint now, WaiterId waiter, Actions& act) {
  if (!is_outcast(waiter)) {
    return inside(act, [&] { inner_->on_give_up(now, waiter, *this); });
  }
  Outcast& outcast = outcasts_[waiter.slot];
  outers_[outcast.conn_slot].wanted = false;
  ++direct_left_;
  outcast = {};
  act.refuse(waiter, Refusal::gave_up);
}

void FallbackPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  if (!is_direct(conn)) {
    const ConnId inner = outers_[conn.slot].inner;
    return inside(act, [&] { inner_->on_release(now, inner, condition, *this); });
  }
  // The end of its session rolls back what is open.
  switch (condition) {
    case Condition::clean:
    case Condition::in_transaction: return close_direct(conn, CloseReason::overflow, act);
    case Condition::broken: return close_direct(conn, CloseReason::broken, act);
    case Condition::invalidated: return close_direct(conn, CloseReason::invalidated, act);
  }
}

void FallbackPool::close_direct(ConnId conn, CloseReason why, Actions& act) {
  --direct_open_;
  act.close(conn, why);
  ids_.retire(conn);
}

void FallbackPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  Outer& outer = outers_[conn.slot];
  if (!outer.direct) {
    const ConnId inner = outer.inner;
    return inside(act, [&] { inner_->on_opened(now, inner, *this); });
  }
  ++direct_opened_;
  if (!outer.wanted) {
    --direct_left_;
    return close_direct(conn, CloseReason::overflow, act);
  }
  outer.wanted = false;
  outcasts_[outer.waiter.slot] = {};
  act.grant(outer.waiter, conn);
}

void FallbackPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  const Outer failed = outers_[conn.slot];
  ids_.retire(conn);
  if (!failed.direct) {
    outer_by_inner_[failed.inner.slot] = {};
    return inside(act, [&] { inner_->on_open_failed(now, failed.inner, *this); });
  }
  --direct_open_;
  if (!failed.wanted) {
    --direct_left_;
    return;
  }
  outcasts_[failed.waiter.slot] = {};
  act.refuse(failed.waiter, Refusal::connect_failed);
}

void FallbackPool::on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) {
  const ConnId inner = outers_[conn.slot].inner;
  inside(act, [&] { inner_->on_checked(now, inner, alive, *this); });
}

void FallbackPool::on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) {
  const ConnId inner = outers_[conn.slot].inner;
  inside(act, [&] { inner_->on_reset(now, inner, alive, *this); });
}

void FallbackPool::on_tick(TimePoint now, Actions& act) {
  inside(act, [&] { inner_->on_tick(now, *this); });
}

void FallbackPool::on_lost(TimePoint now, ConnId conn, Actions& act) {
  if (is_direct(conn)) return;
  const ConnId inner = outers_[conn.slot].inner;
  inside(act, [&] { inner_->on_lost(now, inner, *this); });
}

void FallbackPool::on_client_gone(TimePoint now, ClientId client, Actions& act) {
  inside(act, [&] { inner_->on_client_gone(now, client, *this); });
}

// The heart of it: anything but the waiter's own leaving ends in a connection of its own.
void FallbackPool::refuse(WaiterId waiter, Refusal why) {
  if (why == Refusal::gave_up) return act_->refuse(waiter, why);
  act_->unpark(waiter);
  const ConnId conn = make_outer({true, true, {}, waiter});
  if (waiter.slot >= outcasts_.size()) outcasts_.resize(waiter.slot + 1);
  outcasts_[waiter.slot] = {waiter.serial, conn.slot};
  ++direct_open_;
  act_->open(conn, &waiter);
}

void FallbackPool::grant(WaiterId waiter, ConnId conn) {
  act_->grant(waiter, outer_of(conn));
}

void FallbackPool::open(ConnId conn, const WaiterId* payer) {
  act_->open(outer_of(conn), payer);
}

void FallbackPool::abandon(ConnId conn) {
  const ConnId outer = outer_of(conn);
  outer_by_inner_[conn.slot] = {};
  act_->abandon(outer);
  ids_.retire(outer);
}

void FallbackPool::close(ConnId conn, CloseReason why) {
  const ConnId outer = outer_of(conn);
  outer_by_inner_[conn.slot] = {};
  act_->close(outer, why);
  ids_.retire(outer);
}

void FallbackPool::check(ConnId conn) {
  act_->check(outer_of(conn));
}

void FallbackPool::reset(ConnId conn) {
  act_->reset(outer_of(conn));
}

// The name outside of an inner connection; its first mention (opening, or lazily a grant) makes it.
ConnId FallbackPool::outer_of(ConnId inner) {
  if (inner.slot >= outer_by_inner_.size()) outer_by_inner_.resize(inner.slot + 1);
  ConnId& outer = outer_by_inner_[inner.slot];
  if (outer.number == 0) outer = make_outer({false, false, inner, {}});
  return outer;
}

ConnId FallbackPool::make_outer(Outer outer) {
  const ConnId conn = ids_.make();
  if (conn.slot >= outers_.size()) outers_.resize(conn.slot + 1);
  outers_[conn.slot] = outer;
  return conn;
}

bool FallbackPool::is_outcast(WaiterId waiter) const {
  return waiter.slot < outcasts_.size() && outcasts_[waiter.slot].serial == waiter.serial;
}

PoolCounts FallbackPool::counts() const {
  PoolCounts counts = inner_->counts();
  counts.open += direct_open_;
  counts.checked_out += direct_open_ - direct_left_;
  return counts;
}

std::string FallbackPool::refusal_text(Refusal why) const {
  return inner_->refusal_text(why);
}

std::vector<PoolStatistic> FallbackPool::statistics() const {
  std::vector<PoolStatistic> statistics = inner_->statistics();
  statistics.emplace_back("direct", direct_opened_);
  return statistics;
}

}  // namespace poolgauge
