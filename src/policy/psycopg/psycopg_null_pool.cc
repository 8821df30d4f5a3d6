// The decisions of psycopg_pool's NullConnectionPool; the rules are stated in the header.
#include "policy/psycopg/psycopg_null_pool.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace poolgauge {

void PsycopgNullPool::ask(TimePoint now, WaiterId waiter, Duration remaining, Actions& act) {
  if (locked_) {
    asking(waiter).state = Asking::State::at_lock;
    ++asking_at_lock_;
    at_lock_.push_back({AtLock::Wish::asks, waiter, remaining, {}, {}});
    return;
  }
  if (out_of_time(waiter, remaining, act)) return;
  const bool has_room = config_.max_size == 0 || places_ < config_.max_size;
  has_room ? connect_for(now, waiter, remaining, act) : join_line(now, waiter, remaining, act);
}

// The time that is left limits the connect in whole seconds, rounded as Python rounds.
void PsycopgNullPool::connect_for(TimePoint now, WaiterId waiter, Duration remaining,
                                  Actions& act) {
  locked_ = true;
  connecting_ = new_conn(now);
  connection(connecting_).has_waiter = true;
  connection(connecting_).waiter = waiter;
  asking(waiter).state = Asking::State::connecting;
  asking(waiter).conn = connecting_;
  if (!config_.version_3_1) {
    act.park(waiter, now + from_s(std::max(1.0, std::nearbyint(to_s(remaining)))));
  }
  act.open(connecting_, &waiter);
}

void PsycopgNullPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  if (!locked_ || conn != connecting_) return PsycopgPool::on_opened(now, conn, act);
  locked_ = false;
  ++places_;
  note_opened(now, conn);
  if (std::exchange(connection(conn).has_waiter, false)) {
    hand_over(now, connection(conn).waiter, conn, act);
  } else {
    ++out_;
    connection(conn).granted = now;
    give_back(now, conn, Condition::clean, act);
  }
  unlock(now, act);
}

void PsycopgNullPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  if (!locked_ || conn != connecting_) return PsycopgPool::on_open_failed(now, conn, act);
  locked_ = false;
  const Connection& failed = connection(conn);
  if (failed.has_waiter) {
    asking(failed.waiter).state = Asking::State::none;
    act.refuse(failed.waiter, Refusal::connect_failed);
  }
  note_open_failed(conn);
  unlock(now, act);
}

void PsycopgNullPool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.state != Asking::State::connecting) return PsycopgPool::on_deadline(now, waiter, act);
  self.state = Asking::State::none;
  locked_ = false;
  act.abandon(self.conn);
  note_open_failed(self.conn);
  act.refuse(waiter, Refusal::timeout);
  unlock(now, act);
}

// A connect under way goes on, and its result is treated as given back.
void PsycopgNullPool::on_give_up(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.state == Asking::State::at_lock) --asking_at_lock_;
  if (self.state == Asking::State::connecting) connection(self.conn).has_waiter = false;
  PsycopgPool::on_give_up(now, waiter, act);
}

void PsycopgNullPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  if (!locked_) return give_back(now, conn, condition, act);
  at_lock_.push_back({AtLock::Wish::returns, {}, {}, conn, condition});
}

// Nobody in line, not even one who has given up: it is closed as it is, without a rollback.
void PsycopgNullPool::give_back(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  if (!line_.empty()) return PsycopgPool::on_release(now, conn, condition, act);
  count_usage(now, conn);
  --out_;
  --places_;
  const bool bad = condition == Condition::broken || condition == Condition::invalidated;
  if (bad) ++counted_.returns_bad;
  discard(conn, condition == Condition::broken ? CloseReason::broken : CloseReason::overflow, act);
}

void PsycopgNullPool::put(TimePoint now, ConnId conn, Actions& act) {
  if (locked_) {
    at_lock_.push_back({AtLock::Wish::puts, {}, {}, conn, {}});
  } else if (!serve_first(now, conn, act)) {
    --places_;
    discard(conn, CloseReason::overflow, act);
  }
}

void PsycopgNullPool::unlock(TimePoint now, Actions& act) {
  while (!locked_ && !at_lock_.empty()) {
    const AtLock next = at_lock_.front();
    at_lock_.pop_front();
    if (next.wish == AtLock::Wish::returns) {
      give_back(now, next.conn, next.condition, act);
    } else if (next.wish == AtLock::Wish::puts) {
      put(now, next.conn, act);
    } else if (asking(next.waiter).serial == next.waiter.serial &&
               asking(next.waiter).state == Asking::State::at_lock) {
      --asking_at_lock_;
      asking(next.waiter).state = Asking::State::none;
      ask(now, next.waiter, next.remaining, act);
    }
  }
}

PoolCounts PsycopgNullPool::counts() const {
  PoolCounts counts = PsycopgPool::counts();
  const int under_way = locked_ ? 1 : 0;
  counts.open += under_way;
  counts.checked_out += under_way;
  counts.waiting += asking_at_lock_;
  return counts;
}

}  // namespace poolgauge
