// SQLAlchemy's QueuePool (threads) and AsyncAdaptedQueuePool (asyncio).
//
// Follows SQLAlchemy 2.0 (lib/sqlalchemy/pool/impl.py, pool/base.py, util/queue.py), unchanged in
// these rules since 1.4 but for pool_size = 0. What surprises, and is followed here:
//  - The limit covers only the wait on the queue. Connecting, pre-ping and recycling happen after
//    it, in the caller, without any limit (impl.py _do_get; base.py get_connection).
//  - There is no hand-off. A return puts the entry on the queue and notifies the first waiter, who
//    must still take it. Under threads whoever runs takes it first: a thread that returns a
//    connection and acquires again gets it, and the waiter that was woken for nothing goes to the
//    BACK of the queue, with what is left of its time (util/queue.py get; issue 7679).
//  - Under asyncio on Python up to 3.11 wait_for() reads the queue in a new task, so a task that
//    must wait looks only after the woken waiter has had its turn; from 3.12 it looks at once.
//    Fair as that is one return at a time, several returns in one round of the event loop let a
//    releaser pass a waiter: engine/app_loop.h emulates the rounds.
//  - Overflow is not a property of a connection: a connection released to a full queue is closed.
//  - A failed creation frees its place but wakes nobody: a waiter notices at its own timeout, and
//    then connects instead of failing.
//  - An entry outlives its connection. A failed reconnect puts the empty entry back on the queue.
//  - One failed pre-ping, or one disconnect seen by the engine, makes every connection that is
//    older be remade at its own next checkout, without a ping (base.py _invalidate).
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct QueuePoolConfig {
  enum class World { threads, asyncio_311, asyncio_312 };
  World world = World::threads;
  std::int64_t pool_size = 5;
  std::int64_t max_overflow = 10;  ///< -1: no limit
  Duration timeout = std::chrono::seconds(30);
  Duration recycle{-1};  ///< negative: off
  bool pre_ping = false;
  bool use_lifo = false;
  bool reset_on_return = true;
  bool commit_on_return = false;
  bool version_1_4 = false;  ///< pool_size 0 then limits the total to max_overflow
};

class SqlAlchemyQueuePool final : public PoolPolicy {
 public:
  explicit SqlAlchemyQueuePool(const QueuePoolConfig& config);

  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  DriverHabits habits() const override;

 private:
  /// A record of the pool: its place, whether or not a connection stands behind it.
  struct Entry {
    ConnId conn;
    bool connected = false;
    bool in_queue_before = false;  ///< came from the queue, so a failed connect returns it there
    bool has_waiter = false;       ///< being prepared for `waiter`
    WaiterId waiter;
    TimePoint started;  ///< just before its connect began
  };
  struct Asking {
    enum class State : std::uint8_t { none, in_line, woken, preparing };
    std::uint32_t serial = 0;
    State state = State::none;
    std::uint32_t entry = 0;
  };

  bool at_limit() const { return limited_ && overflow_ >= config_.max_overflow; }
  Asking& asking(WaiterId waiter);
  void take(TimePoint now, WaiterId waiter, Actions& act);
  void create(TimePoint now, WaiterId waiter, Actions& act);
  void prepare(TimePoint now, WaiterId waiter, std::uint32_t entry, Actions& act);
  void connect(TimePoint now, std::uint32_t entry, Actions& act);
  void found_empty(TimePoint now, WaiterId waiter, Actions& act);
  void answer(std::uint32_t entry, Actions& act);
  void put(std::uint32_t entry, Actions& act);
  void wake_next(Actions& act);
  void empty_entry(std::uint32_t entry, CloseReason why, Actions& act);
  void invalidate_generation(TimePoint now, const Entry& seen);
  std::uint32_t entry_of(ConnId conn) const { return entry_by_slot_[conn.slot]; }
  std::uint32_t new_entry();

  QueuePoolConfig config_;
  bool limited_;
  std::int64_t overflow_;
  TimePoint invalidated_at_ = TimePoint::min();
  std::deque<std::uint32_t> queue_;
  WaitLine line_;
  std::int64_t woken_ = 0;
  std::vector<Asking> askings_;  // by waiter slot
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_entries_;
  std::vector<std::uint32_t> entry_by_slot_;  // by connection slot
  ConnIds ids_;
};

}  // namespace poolgauge
