// psycopg_pool's ConnectionPool.
//
// Follows psycopg_pool 3.2.1 to 3.3 (psycopg_pool/pool.py, base.py), and 3.1 where `version_3_1`
// says so. What surprises, and is followed here:
//  - Callers never connect. Worker threads do: the fill of min_size in parallel up to num_workers,
//    growth one connection at a time, whose failures block all growth while they are retried.
//  - A connect counts against the caller's timeout, but goes on when the caller has given up, and
//    its error never reaches anybody: a caller sees a timeout or a delay.
//  - Strictly first come, first served: a release hands over to the first waiter. A
//    growth in progress is not taken back when a return serves its waiter first.
//  - A waiter that timed out keeps its place until a connection passes it: it still counts for
//    max_waiting, requests_waiting and the wish to grow.
//  - A series of failed connects that is given up frees its place but leaves the waiters waiting;
//    the next getconn starts again. The end of a series is judged by when its attempts began.
//  - max_lifetime is enforced at the return only; the pool shrinks by one connection a max_idle,
//    and only if in that whole time one was always idle.
//  - With `check`, the caller tests what it was given: the first failure is followed by another
//    try at once, the next ones by pauses of 1, 2, 4 s, even while a good connection lies idle.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "policy/conn_ids.h"
#include "policy/psycopg/psycopg_backoff.h"
#include "policy/psycopg/psycopg_line.h"
#include "policy/queued_pool.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct PsycopgConfig {
  std::int64_t min_size = 4;
  std::int64_t max_size = 4;
  Duration timeout = std::chrono::seconds(30);
  std::int64_t max_waiting = 0;  ///< 0: no limit
  Duration max_lifetime = std::chrono::hours(1);
  Duration max_idle = std::chrono::minutes(10);
  Duration reconnect_timeout = std::chrono::minutes(5);
  std::int64_t num_workers = 3;
  bool check = false;
  bool version_3_1 = false;
};

/// The null pool (psycopg_null_pool.h) is this one with other steps where the library overrides
/// them: how a caller asks, how a connection comes back, where it is kept.
class PsycopgPool : public PoolPolicy {
 public:
  PsycopgPool(const PsycopgConfig& config, std::uint64_t seed);

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint, WaiterId, Actions&) override {}  // waiters are served, never called
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_tick(TimePoint now, Actions& act) override;

 protected:
  /// Why a connection goes through the return: its user released it, or its check failed.
  enum class Origin { user, check };
  struct Asking {
    enum class State : std::uint8_t { none, in_line, checking, pausing, at_lock, connecting };
    std::uint32_t serial = 0;
    State state = State::none;
    PsycopgLine::Place place = 0;
    ConnId conn;         ///< being checked, or being made by the null pool's caller
    TimePoint deadline;  ///< of the whole getconn
    TimePoint queued;    ///< when it joined the line
    std::optional<PsycopgBackoff> checks;
  };
  struct Connection {
    TimePoint began;  ///< its connect
    TimePoint expires;
    TimePoint granted;
    PsycopgBackoff series{Duration{0}};
    bool growing = false;
    bool has_waiter = false;  ///< being checked, or made, for `waiter`
    WaiterId waiter;
  };
  /// What the library's counters have counted.
  struct Counters {
    std::int64_t requests = 0, queued = 0, errors = 0, wait_ms = 0, usage_ms = 0, returns_bad = 0;
    std::int64_t connects = 0, connect_ms = 0, connect_errors = 0, lost = 0;
  };

  /// One try to get a connection with this much time left.
  virtual void ask(TimePoint now, WaiterId waiter, Duration remaining, Actions& act);
  /// A working connection: to the first waiter, or kept.
  virtual void put(TimePoint now, ConnId conn, Actions& act);

  bool out_of_time(WaiterId waiter, Duration remaining, Actions& act);
  void join_line(TimePoint now, WaiterId waiter, Duration remaining, Actions& act);
  bool serve_first(TimePoint now, ConnId conn, Actions& act);
  void hand_over(TimePoint now, WaiterId waiter, ConnId conn, Actions& act);
  void take_back(TimePoint now, ConnId conn, Condition condition, Origin origin, Actions& act);
  void discard(ConnId conn, CloseReason why, Actions& act);
  void count_usage(TimePoint now, ConnId conn);
  ConnId new_conn(TimePoint now);
  void note_opened(TimePoint now, ConnId conn);
  void note_open_failed(ConnId conn);
  Asking& asking(WaiterId waiter);
  Connection& connection(ConnId conn) { return connections_[conn.slot]; }

  PsycopgConfig config_;
  Counters counted_;
  PsycopgLine line_;
  ConnIds ids_;
  std::int64_t places_ = 0;  ///< pool_size: existing, being made, or waiting for another attempt
  std::int64_t out_ = 0;     ///< with a user, under check, or on the way back
  std::int64_t pausing_ = 0;

 private:
  struct Task {
    bool shrinks = false;  ///< else it adds a connection
    bool growing = false;
    std::optional<PsycopgBackoff> series;  ///< of an attempt that is not the first
  };

  void leave_line(TimePoint now, Asking& self);
  void grow(Actions& act, TimePoint now);
  void grow_on();
  void replace(TimePoint now, Actions& act);
  void try_again(TimePoint now, WaiterId waiter, Actions& act);
  void granted(TimePoint now, WaiterId waiter, ConnId conn, Actions& act);
  void run_tasks(TimePoint now, Actions& act);
  void connect(TimePoint now, const Task& task, Actions& act);
  void shrink(Actions& act);
  void later(TimePoint when, const Task& task, Actions& act);

  Rng rng_;
  std::deque<ConnId> idle_;
  std::int64_t fewest_idle_ = 0;  ///< in this max_idle period
  bool growing_ = false;
  std::deque<Task> tasks_;                ///< for the workers
  std::multimap<TimePoint, Task> later_;  ///< the timer thread's
  std::int64_t busy_workers_ = 0;
  std::vector<Asking> askings_;          // by waiter slot
  std::vector<Connection> connections_;  // by connection slot
};

}  // namespace poolgauge
