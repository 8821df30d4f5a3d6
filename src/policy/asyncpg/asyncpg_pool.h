// asyncpg's Pool: asyncpg 0.27 to 0.30, asyncpg/pool.py. The rules that surprise:
//
//  - The pool is a LIFO queue of max_size holders, each with or without a connection. min_size of
//    them are connected before the pool can be used, the first alone, then the rest at once.
//  - Nothing keeps min_size afterwards: each idle connection is terminated by its own timer, and
//    only the next caller who draws that holder connects again, in its own time.
//  - The acquire timeout covers the wait and the connect; when it is over the connect is canceled
//    and the holder is back on the queue at once. Without a timeout a caller waits forever.
//  - A returned holder wakes the first waiter but lies on the queue until that task runs. Who asks
//    in between takes it, and the woken waiter goes to the BACK of the line (issue 1247). With a
//    timeout, asyncio up to Python 3.11 looks at the queue in a new task, hence after the waiter.
//  - The returning task is not among those who can: the reset runs in a task of its own, so the
//    woken waiter has had its turn before the returning one goes on.
//  - Every return sends the reset query, and the returning task waits for its answer.
//  - max_queries counts the driver's queries. The emulation counts two for each checkout, the
//    request's and the reset: it does not see how many the request made.
#pragma once

#include <string>
#include <vector>

#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "policy/slot_timers.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct AsyncpgConfig {
  std::int64_t min_size = 10;
  std::int64_t max_size = 10;
  std::int64_t max_queries = 50000;
  Duration max_inactive_connection_lifetime = std::chrono::seconds(300);  ///< 0: off
  Duration timeout{-1};           ///< of acquire(); negative: none
  bool waits_in_new_task = true;  ///< asyncio.wait_for() up to Python 3.11
};

class AsyncpgPool final : public PoolPolicy {
 public:
  explicit AsyncpgPool(const AsyncpgConfig& config);

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_tick(TimePoint now, Actions& act) override;
  void on_lost(TimePoint now, ConnId conn, Actions& act) override;
  DriverHabits habits() const override;
  bool watches_idle() const override { return true; }

 private:
  struct Holder {
    ConnId conn;
    bool connected = false;
    bool has_waiter = false;  ///< a connect is in progress, for `waiter`
    WaiterId waiter;
    ClientId user;  ///< who had it last
    std::int64_t queries = 0;
  };
  struct Asking {
    enum class State : std::uint8_t { none, in_line, woken, connecting };
    State state = State::none;
    std::uint32_t holder = 0;
    ClientId client;
  };

  bool filling() const { return to_fill_ > 0; }
  bool limited() const { return config_.timeout >= Duration::zero(); }
  bool looks_later(ClientId client) const;
  void join(WaiterId waiter);
  void call(WaiterId waiter, Actions& act);
  void wake_next(Actions& act);
  void take(WaiterId waiter, Actions& act);
  void grant(std::uint32_t index, WaiterId waiter, Actions& act);
  void connect(std::uint32_t index, const WaiterId* payer, Actions& act);
  void fill_rest(Actions& act);
  void filled_one(Actions& act);
  void leave(WaiterId waiter, Refusal why, Actions& act);
  void put(std::uint32_t index, Actions& act);
  void start_idle_timer(TimePoint now, std::uint32_t index, Actions& act);
  void disconnect(std::uint32_t index, CloseReason why, Actions& act);
  std::uint32_t holder_of(ConnId conn) const { return holder_by_slot_[conn.slot]; }

  AsyncpgConfig config_;
  std::vector<Holder> holders_;
  std::vector<std::uint32_t> queue_;  // the last one is taken first
  WaitLine line_;
  std::int64_t woken_ = 0;
  std::int64_t to_fill_ = 0;  // initial connects that have not ended
  std::int64_t connected_ = 0;
  std::int64_t connecting_ = 0;
  std::int64_t in_use_ = 0;      // holders off the queue, not counting the initial connects
  std::vector<Asking> askings_;  // by waiter slot
  std::vector<std::uint32_t> holder_by_slot_;  // by connection slot
  ConnIds ids_;
  SlotTimers idle_timers_;  // by holder
};

}  // namespace poolgauge
