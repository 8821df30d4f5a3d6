// pgx's pgxpool and the puddle pool beneath it.
//
// Follows jackc/pgx v5 (pgxpool/pool.go, pgxpool/conn.go) up to 5.10 and jackc/puddle v2 (pool.go,
// internal/genstack). What surprises, and is followed here:
//  - A semaphore of pool_max_conns admits acquirers, first come first served; nobody passes those
//    who wait. Whoever is admitted takes an idle connection or connects, in parallel with others.
//  - There is no limit on waiting but the caller's own context. A caller that leaves does not stop
//    its connect: what comes of it becomes idle (Acquire in puddle).
//  - The idle time of a new connection counts from the start of its connect, so one that took more
//    than a second to make is pinged before its first use.
//  - A connection that is too old or fails its ping is dropped, and its caller tries again from the
//    back of the line: the place comes free only after the next try has begun (Destroy runs in a
//    goroutine). It gives up after pool_max_conns + 1 tries.
//  - What comes back inside a transaction, or closed, is destroyed, never rolled back. That, and
//    age found at return, asks for a health check half a second later.
//  - A health check takes every idle connection, newest first, and puts it back on a new generation
//    of the stack: afterwards the one that was idle longest is the next to be used.
//  - The jitter of a lifetime is cut to whole seconds.
// Not followed: the up to 15 s that closing may hold a place; here closing takes no time.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/rng.h"
#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct PgxConfig {
  std::int64_t max_conns = 4;
  std::int64_t min_conns = 0;
  std::int64_t min_idle_conns = 0;
  Duration max_conn_lifetime = std::chrono::hours(1);  ///< zero: none
  Duration max_conn_lifetime_jitter{0};
  Duration max_conn_idle_time = std::chrono::minutes(30);
  Duration health_check_period = std::chrono::minutes(1);
  Duration ping_timeout{0};             ///< zero: none
  bool looks_at_age_on_acquire = true;  ///< from 5.10 on
};

class PgxPool final : public PoolPolicy {
 public:
  PgxPool(const PgxConfig& config, std::uint64_t seed);

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_deadline(TimePoint, WaiterId, Actions&) override {}
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint, ConnId, bool, Actions&) override {}
  void on_tick(TimePoint now, Actions& act) override;

 private:
  struct Resource {
    enum class State : std::uint8_t { absent, constructing, idle, acquired };
    ConnId conn;
    State state = State::absent;
    bool of_pool = false;     ///< made to keep the minimum
    bool has_waiter = false;  ///< being prepared for `waiter`
    WaiterId waiter;
    TimePoint last_used{};
    TimePoint expires = kNever;
    TimePoint ping_until = kNever;  ///< while a ping with a limit is in progress
  };
  struct Asking {
    enum class State : std::uint8_t { none, in_line, preparing };
    State state = State::none;
    bool waited = false;  ///< for its place in the present try
    std::uint32_t slot = 0;
    std::int64_t tries = 0;
    TimePoint tried_at{};
  };
  /// What the health checker's goroutine is at.
  enum class Phase : std::uint8_t { starting, waiting, creating, pausing };
  struct Ping {
    TimePoint until{};
    ConnId conn;
  };

  Asking& asking(WaiterId waiter);
  void seek(TimePoint now, WaiterId waiter, bool admitted, Actions& act);
  bool take_place();
  void free_place(TimePoint now, Actions& act);
  std::uint32_t pop_idle(TimePoint now, WaiterId waiter);
  void push_idle(std::uint32_t slot);
  std::uint32_t construct(TimePoint now, const WaiterId* waiter, Actions& act);
  void deconstruct(std::uint32_t slot);
  void ping_or_grant(TimePoint now, std::uint32_t slot, Actions& act);
  void grant(std::uint32_t slot, Actions& act);
  void destroy(TimePoint now, std::uint32_t slot, CloseReason why, Actions& act);
  bool expired(TimePoint now, const Resource& resource) const { return now > resource.expires; }
  void note_acquired(TimePoint now, const Asking& self, bool empty);

  void ask_for_check(TimePoint now, Actions& act);
  void check_health(TimePoint now, Actions& act);
  void create_idle(TimePoint now, std::int64_t wanted, Actions& act);
  void creations_ended(TimePoint now, Actions& act);
  void cancel_creations(TimePoint now, Actions& act);
  bool destroy_stale(TimePoint now, Actions& act);
  void end_check(TimePoint now, Actions& act);
  void end_late_pings(TimePoint now, Actions& act);
  void arm(Actions& act);

  PgxConfig config_;
  Rng rng_;
  std::int64_t places_;  // of the semaphore, free
  std::int64_t total_ = 0;
  std::int64_t constructing_ = 0;
  std::int64_t unclaimed_ = 0;       // constructing with nobody waiting for it
  std::vector<std::uint32_t> idle_;  // a stack, the next one last
  std::vector<Resource> resources_;  // by connection slot
  std::vector<Asking> askings_;      // by waiter slot
  WaitLine line_;
  ConnIds ids_;

  Phase phase_ = Phase::waiting;
  std::vector<ConnId> creations_;  // of the batch in progress
  std::size_t creating_ = 0;
  bool creation_failed_ = false;
  bool tick_due_ = false;
  bool check_due_ = false;
  TimePoint next_tick_ = kNever;
  TimePoint check_at_ = kNever;
  TimePoint pause_until_ = kNever;
  std::deque<Ping> pings_;  // with a limit, in order of it
  TimePoint armed_ = kNever;

  std::int64_t acquires_ = 0;
  std::int64_t empty_acquires_ = 0;
  std::int64_t canceled_ = 0;
  std::int64_t new_conns_ = 0;
  std::int64_t lifetime_destroys_ = 0;
  std::int64_t idle_destroys_ = 0;
  Duration acquire_time_{0};
  Duration empty_acquire_time_{0};
};

}  // namespace poolgauge
