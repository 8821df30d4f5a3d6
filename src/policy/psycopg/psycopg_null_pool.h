// psycopg_pool's NullConnectionPool, the threads' version: connections are made for their caller
// and closed when nobody waits for them.
//
// Follows psycopg_pool 3.2.1 to 3.3 (psycopg_pool/null_pool.py), and 3.1. What surprises, and is
// followed here:
//  - The caller connects while it holds the pool's lock. Connects are therefore serial, and
//    meanwhile newcomers and returns wait for the lock, without any limit: the pool's timeout
//    measures only the connect (as connect_timeout: whole seconds, at least 1; none in 3.1) and
//    the wait in the queue, each from its own beginning.
//  - Here a failed connect does reach the caller, and no other.
//  - At max_size callers queue, and a released connection goes to the first of them. There is no
//    growth: a connection closed because nobody waits any more frees a slot only for later callers.
//  - Only a bad or expired connection that somebody waits for is replaced by a worker.
// Emulated without holding up the user who returns a connection while the lock is taken: the
// connection waits for the lock, its user goes on.
#pragma once

#include <deque>

#include "policy/psycopg/psycopg_pool.h"

namespace poolgauge {

class PsycopgNullPool final : public PsycopgPool {
 public:
  using PsycopgPool::PsycopgPool;

  void on_start(TimePoint, Actions&) override {}  // neither fills nor shrinks
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_give_up(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) override;
  void on_opened(TimePoint now, ConnId conn, Actions& act) override;
  void on_open_failed(TimePoint now, ConnId conn, Actions& act) override;
  PoolCounts counts() const override;

 private:
  /// Somebody who wants the pool's lock, and for what.
  struct AtLock {
    enum class Wish : std::uint8_t { asks, returns, puts } wish = Wish::asks;
    WaiterId waiter;
    Duration remaining{0};
    ConnId conn;
    Condition condition = Condition::clean;
  };

  void ask(TimePoint now, WaiterId waiter, Duration remaining, Actions& act) override;
  void put(TimePoint now, ConnId conn, Actions& act) override;
  void connect_for(TimePoint now, WaiterId waiter, Duration remaining, Actions& act);
  void give_back(TimePoint now, ConnId conn, Condition condition, Actions& act);
  void unlock(TimePoint now, Actions& act);

  bool locked_ = false;  ///< a caller connects
  ConnId connecting_;    ///< its connection
  std::deque<AtLock> at_lock_;
  std::int64_t asking_at_lock_ = 0;
};

}  // namespace poolgauge
