// The decisions of the one shared connection.
#include "static_pool.h"

#include <algorithm>
#include <utility>

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
  if (!(conn == conn_) || state_ != State::open) return leave(conn, act);
  --holders_;
  if (condition != Condition::broken && condition != Condition::invalidated) return;
  // The next checkout makes another; this one is closed when its last holder has returned it.
  state_ = State::absent;
  leaving_.push_back({conn, std::exchange(holders_, 0) + 1});
  leave(conn, act);
}

void StaticPool::leave(ConnId conn, Actions& act) {
  const auto leaving = std::find_if(leaving_.begin(), leaving_.end(),
                                    [&](const Leaving& one) { return one.conn == conn; });
  if (--leaving->holders > 0) return;
  leaving_.erase(leaving);
  act.close(conn, CloseReason::broken);
  ids_.retire(conn);
}

PoolCounts StaticPool::counts() const {
  PoolCounts counts;
  const auto leaving = static_cast<std::int64_t>(leaving_.size());
  counts.open = leaving + (state_ == State::absent ? 0 : 1);
  counts.checked_out = leaving + (holders_ > 0 ? 1 : 0);
  counts.idle = counts.open - counts.checked_out;
  counts.waiting = static_cast<std::int64_t>(line_.size());
  counts.size = 1;
  return counts;
}

}  // namespace poolgauge
