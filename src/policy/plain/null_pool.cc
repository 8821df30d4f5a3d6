// The decisions of having no pool.
#include "policy/plain/null_pool.h"

namespace poolgauge {

void NullPool::on_acquire(TimePoint, WaiterId waiter, ClientId, Actions& act) {
  const ConnId conn = ids_.make();
  if (conn.slot >= openings_.size()) openings_.resize(conn.slot + 1);
  openings_[conn.slot] = {waiter, true};
  if (waiter.slot >= slot_by_waiter_.size()) slot_by_waiter_.resize(waiter.slot + 1);
  slot_by_waiter_[waiter.slot] = conn.slot;
  ++open_;
  act.open(conn, &waiter);
}

void NullPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  Opening& opening = openings_[slot_by_waiter_[waiter.slot]];
  if (opening.waiter == waiter && opening.wanted) {
    opening.wanted = false;
    ++left_;
  }
  act.refuse(waiter, Refusal::gave_up);
}

void NullPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  Opening& opening = openings_[conn.slot];
  if (!opening.wanted) {
    --left_;
    return on_release(now, conn, Condition::clean, act);
  }
  opening.wanted = false;
  act.grant(opening.waiter, conn);
}

void NullPool::on_open_failed(TimePoint, ConnId conn, Actions& act) {
  Opening& opening = openings_[conn.slot];
  --open_;
  ids_.retire(conn);
  if (opening.wanted) {
    act.refuse(opening.waiter, Refusal::connect_failed);
  } else {
    --left_;
  }
  opening.wanted = false;
}

void NullPool::on_release(TimePoint, ConnId conn, Condition condition, Actions& act) {
  --open_;
  act.close(conn, condition == Condition::broken ? CloseReason::broken : CloseReason::overflow);
  ids_.retire(conn);
}

PoolCounts NullPool::counts() const {
  PoolCounts counts;
  counts.open = open_;
  counts.checked_out = open_ - left_;
  return counts;
}

}  // namespace poolgauge
