// The decisions of the one shared connection.
#include "policy/static_pool.h"

namespace poolgauge {

void StaticPool::on_acquire(TimePoint, WaiterId waiter, ClientId, Actions& act) {
  if (state_ == State::open) {
    ++holders_;
    return act.grant(waiter, conn_);
  }
  line_.push_back(waiter);
  if (state_ == State::opening) return;
  state_ = State::opening;
  conn_ = ids_.make();
  act.open(conn_, &waiter);
}

void StaticPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  line_.remove(waiter);
  act.refuse(waiter, Refusal::gave_up);
}

void StaticPool::on_opened(TimePoint, ConnId, Actions& act) {
  state_ = State::open;
  while (!line_.empty()) {
    ++holders_;
    act.grant(line_.pop_front(), conn_);
  }
}

void StaticPool::on_open_failed(TimePoint, ConnId conn, Actions& act) {
  state_ = State::absent;
  ids_.retire(conn);
  while (!line_.empty()) act.refuse(line_.pop_front(), Refusal::connect_failed);
}

void StaticPool::on_release(TimePoint, ConnId conn, Condition condition, Actions& act) {
  --holders_;
  if (condition != Condition::broken && condition != Condition::invalidated) return;
  if (state_ != State::open || !(conn == conn_)) return;
  state_ = State::absent;
  act.close(conn, CloseReason::broken);
  ids_.retire(conn);
}

PoolCounts StaticPool::counts() const {
  PoolCounts counts;
  counts.open = state_ == State::absent ? 0 : 1;
  counts.checked_out = holders_ > 0 ? 1 : 0;
  counts.idle = counts.open - counts.checked_out;
  counts.waiting = static_cast<std::int64_t>(line_.size());
  counts.size = 1;
  return counts;
}

}  // namespace poolgauge
