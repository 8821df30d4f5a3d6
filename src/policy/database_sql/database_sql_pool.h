// Go's database/sql.
//
// Follows golang/go src/database/sql/sql.go, 1.19 and later (1.23 keeps its requests in a set of
// its own, with the same rules). What surprises, and is followed here:
//  - There is no limit on open connections unless one is set, and only two idle ones are kept: a
//    busy program reconnects all the time (putConnDBLocked).
//  - Waiters are served in RANDOM order: a released connection goes to any of the requests.
//  - There is no limit on waiting but the caller's context, and it breaks off the caller's connect.
//  - Below the limit callers connect themselves, in parallel. When a place comes free without a
//    connection (a failed connect, a broken one), a single opener goroutine connects for those who
//    wait, one after another; it counts the places at once, orders one for every request that fits
//    although others may be on their way, and hands a failure to any one of the requests.
//  - A connection found too old or bad at checkout is closed and the next one tried: twice from the
//    pool, then once with a connection of its own (Conn, retry).
//  - The cleaner starts with the first idle connection, looks at most once a second, and ends when
//    it finds none open.
// What comes back inside a transaction was a Tx, whose owner (or whose context) rolls it back. The
// driver: lib/pq asks nothing at checkout; pgx/stdlib pings what was not reset for a second.
#pragma once

#include <string>
#include <vector>

#include "base/rng.h"
#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct DatabaseSqlConfig {
  std::int64_t max_open = 0;  ///< zero or less: no limit
  std::int64_t max_idle = 2;  ///< zero or less: none
  Duration max_lifetime{0};   ///< zero or less: none
  Duration max_idle_time{0};  ///< zero or less: none
  bool pings_on_reset = false;
};

class DatabaseSqlPool final : public PoolPolicy {
 public:
  DatabaseSqlPool(const DatabaseSqlConfig& config, std::uint64_t seed);

  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_deadline(TimePoint, WaiterId, Actions&) override {}
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_tick(TimePoint now, Actions& act) override;

 private:
  /// A connection, from its connect on.
  struct Conn {
    ConnId id;
    bool of_opener = false;
    bool needs_reset = false;
    bool has_waiter = false;  ///< being prepared for `waiter`
    WaiterId waiter;
    TimePoint created{};
    TimePoint returned{};
    TimePoint last_reset{};
  };
  struct Asking {
    enum class State : std::uint8_t { none, requested, connecting, resetting };
    State state = State::none;
    int tries = 0;            ///< that ended with a bad connection
    std::uint32_t place = 0;  ///< among the requests
    std::uint32_t slot = 0;
    TimePoint since{};
  };

  Asking& asking(WaiterId waiter);
  void get(TimePoint now, WaiterId waiter, Actions& act);
  void join_requests(TimePoint now, WaiterId waiter);
  WaiterId leave_requests(TimePoint now, std::uint32_t place);
  WaiterId any_request(TimePoint now);
  void use(TimePoint now, std::uint32_t slot, WaiterId waiter, Actions& act);
  void retry(TimePoint now, WaiterId waiter, Actions& act);
  void put(TimePoint now, std::uint32_t slot, bool bad, Actions& act);
  bool put_good(TimePoint now, std::uint32_t slot, Actions& act);
  void close(std::uint32_t slot, CloseReason why, Actions& act);
  void open(const WaiterId* waiter, Actions& act);
  void open_for_requests(Actions& act);
  void run_opener(Actions& act);
  void start_cleaner(TimePoint now, Actions& act);
  Duration clean_idle(TimePoint now, Duration next, std::vector<std::uint32_t>& closing);
  Duration clean_old(TimePoint now, Duration next, std::vector<std::uint32_t>& closing);
  Duration shortest_time() const;
  bool limited() const { return config_.max_open > 0; }
  bool expired(TimePoint now, const Conn& conn) const {
    return config_.max_lifetime > Duration::zero() && now > conn.created + config_.max_lifetime;
  }

  DatabaseSqlConfig config_;
  Rng rng_;
  std::vector<Conn> conns_;          // by connection slot
  std::vector<std::uint32_t> free_;  // as returned, the latest last
  std::vector<WaiterId> requests_;   // in no order
  std::vector<Asking> askings_;      // by waiter slot
  ConnIds ids_;
  std::int64_t open_ = 0;    // and about to be
  std::int64_t orders_ = 0;  // for the opener, not yet begun
  bool opener_busy_ = false;
  bool cleaning_ = false;

  std::int64_t wait_count_ = 0;
  Duration wait_time_{0};
  std::int64_t idle_closed_ = 0;
  std::int64_t idle_time_closed_ = 0;
  std::int64_t lifetime_closed_ = 0;
};

}  // namespace poolgauge
