// The decisions of private connections.
#include "policy/plain/fixed_pool.h"

namespace poolgauge {

void FixedPool::on_acquire(TimePoint, WaiterId waiter, ClientId client, Actions& act) {
  if (client.value >= seats_.size()) seats_.resize(client.value + 1);
  Seat& seat = seats_[client.value];
  if (seat.state == Seat::State::idle) return give(seat, waiter, act);
  seat.waiter = waiter;
  seat.wanted = true;
  if (waiter.slot >= seat_by_waiter_.size()) seat_by_waiter_.resize(waiter.slot + 1);
  seat_by_waiter_[waiter.slot] = client.value;
  if (seat.state == Seat::State::opening) return;
  seat.state = Seat::State::opening;
  seat.conn = ids_.make();
  ++open_;
  if (seat.conn.slot >= seat_by_slot_.size()) seat_by_slot_.resize(seat.conn.slot + 1);
  seat_by_slot_[seat.conn.slot] = client.value;
  act.open(seat.conn, &waiter);
}

void FixedPool::give(Seat& seat, WaiterId waiter, Actions& act) {
  seat.state = Seat::State::used;
  seat.wanted = false;
  ++used_;
  act.grant(waiter, seat.conn);
}

void FixedPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  Seat& seat = seats_[seat_by_waiter_[waiter.slot]];
  if (seat.waiter == waiter) seat.wanted = false;
  act.refuse(waiter, Refusal::gave_up);
}

void FixedPool::on_opened(TimePoint, ConnId conn, Actions& act) {
  Seat& seat = seat_of(conn);
  if (seat.wanted) return give(seat, seat.waiter, act);
  seat.state = Seat::State::idle;
}

void FixedPool::on_open_failed(TimePoint, ConnId conn, Actions& act) {
  Seat& seat = seat_of(conn);
  seat.state = Seat::State::absent;
  --open_;
  ids_.retire(conn);
  if (!seat.wanted) return;
  seat.wanted = false;
  act.refuse(seat.waiter, Refusal::connect_failed);
}

void FixedPool::on_release(TimePoint, ConnId conn, Condition condition, Actions& act) {
  Seat& seat = seat_of(conn);
  --used_;
  seat.state = Seat::State::idle;
  if (condition != Condition::broken && condition != Condition::invalidated) return;
  seat.state = Seat::State::absent;
  --open_;
  act.close(conn, CloseReason::broken);
  ids_.retire(conn);
}

PoolCounts FixedPool::counts() const {
  PoolCounts counts;
  counts.open = open_;
  counts.checked_out = used_;
  counts.idle = open_ - used_;
  counts.size = open_;
  return counts;
}

}  // namespace poolgauge
