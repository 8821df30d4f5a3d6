// The policy interface: a policy is told what happened and decides what happens next.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/time.h"

namespace poolgauge {

/// A request for a connection, from acquire until it is granted or refused. Slots are reused,
/// serials are not, so an old id never names a new waiter.
struct WaiterId {
  std::uint32_t slot = 0;
  std::uint32_t serial = 0;
  bool operator==(const WaiterId&) const = default;
};

/// A connection from its first connect attempt until it is closed. `number` counts the attempts
/// of the pool from 1 (failed attempts use one up); slots are reused.
struct ConnId {
  std::uint32_t slot = 0;
  std::uint32_t number = 0;
  bool operator==(const ConnId&) const = default;
};

/// The client: a virtual user, which represents an application thread or task.
struct ClientId {
  std::uint32_t value = 0;
  bool operator==(const ClientId&) const = default;
};

/// The state of a connection at release.
enum class Condition : std::uint8_t {
  clean,           ///< idle, outside a transaction
  in_transaction,  ///< a transaction is open (or failed)
  broken,          ///< the application saw it disconnect
  invalidated,     ///< the application asked to discard this one
};

/// Why a waiter is refused.
enum class Refusal : std::uint8_t {
  timeout,         ///< the pool's own limit
  overloaded,      ///< the pool's queue is full
  connect_failed,  ///< the connect made for this waiter failed
  gave_up,         ///< the waiter's own deadline, or the end of the run
};

/// Why a connection is closed.
enum class CloseReason : std::uint8_t { overflow, recycled, invalidated, broken, idle, shut_down };

/// Live counters; the meaning of each is the same for every pool.
struct PoolCounts {
  std::int64_t open = 0;         ///< slots taken: connections existing or being made
  std::int64_t idle = 0;         ///< connections ready to be acquired
  std::int64_t checked_out = 0;  ///< granted, or being prepared for a waiter
  std::int64_t waiting = 0;      ///< waiters for whom nothing is ready or being prepared
  std::int64_t overflow =
      0;                  ///< the pool's own overflow counter where it has one, as reported by it
  std::int64_t size = 0;  ///< the pool's own size figure
};

/// The actions of a policy. The pool driver carries them out in order, after the policy has
/// returned, so that a policy is never re-entered.
class Actions {
 public:
  virtual ~Actions() = default;

  /// Hands an open connection to a waiter. Final for this waiter.
  virtual void grant(WaiterId waiter, ConnId conn) = 0;
  /// Refuses a waiter. Final for this waiter.
  virtual void refuse(WaiterId waiter, Refusal why) = 0;
  /// on_deadline follows at `deadline` unless the waiter is answered before. Replaces an earlier
  /// one.
  virtual void park(WaiterId waiter, TimePoint deadline) = 0;
  /// The parked deadline no longer applies (the waiter now waits for a connect, which has no
  /// limit).
  virtual void unpark(WaiterId waiter) = 0;
  /// on_wake follows, after every task that is ready now has run.
  virtual void wake(WaiterId waiter) = 0;
  /// Starts connecting; on_opened or on_open_failed follows. `payer`: the waiter in whose time it
  /// happens, or nullptr when the pool's own worker does it.
  virtual void open(ConnId conn, const WaiterId* payer) = 0;
  /// Aborts a connect in progress: its number is used up, its slot may be reused at once,
  /// and neither on_opened nor on_open_failed follows.
  virtual void abandon(ConnId conn) = 0;
  virtual void close(ConnId conn, CloseReason why) = 0;
  /// Tests an open connection; on_checked follows.
  virtual void check(ConnId conn) = 0;
  /// Rolls back or resets a released connection while its user waits; on_reset follows.
  virtual void reset(ConnId conn) = 0;
  /// on_tick follows at `when`. One tick is pending at a time; a new order replaces it.
  virtual void tick_at(TimePoint when) = 0;
};

/// What the library's driver sends when the pool asks for it.
struct DriverHabits {
  enum class Ping : std::uint8_t {
    single,      ///< one empty exchange
    in_session,  ///< BEGIN, an empty query, ROLLBACK: three exchanges
  };
  enum class Reset : std::uint8_t {
    rollback,     ///< ROLLBACK, sent only when a transaction is open
    commit,       ///< COMMIT, sent only when a transaction is open
    reset_query,  ///< always one exchange, after a ROLLBACK when a transaction is open (asyncpg)
    discard_all,  ///< always DISCARD ALL (PgBouncer in session mode)
  };
  Ping ping = Ping::single;
  Reset reset = Reset::rollback;
  /// BEGIN travels with the transaction's first statement instead of in an exchange of its own.
  bool begin_with_first_statement = false;
};

/// One of the library's own figures, under its own name.
using PoolStatistic = std::pair<std::string_view, std::int64_t>;

/// One emulated pool of one application process. Pure decisions: no clock, no socket, no thread,
/// no waiting. Every event carries the time; answers go through Actions.
///
/// What the driver checks around every policy: each waiter is answered exactly once; a connection
/// has at most one holder (unless shares_connections()); nothing is granted that is not open.
class PoolPolicy {
 public:
  virtual ~PoolPolicy() = default;

  /// The pool was created, before any other event: for pools that fill themselves.
  virtual void on_start(TimePoint /*now*/, Actions& /*act*/) {}
  virtual void on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) = 0;
  virtual void on_wake(TimePoint now, WaiterId waiter, Actions& act) = 0;
  virtual void on_deadline(TimePoint now, WaiterId waiter, Actions& act) = 0;
  /// The waiter gives up. The policy must refuse it with Refusal::gave_up,
  /// at once, unless it has already been answered.
  virtual void on_give_up(TimePoint now, WaiterId waiter, Actions& act) = 0;
  virtual void on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) = 0;
  virtual void on_opened(TimePoint now, ConnId conn, Actions& act) = 0;
  virtual void on_open_failed(TimePoint now, ConnId conn, Actions& act) = 0;
  virtual void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) = 0;
  virtual void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) = 0;
  virtual void on_tick(TimePoint /*now*/, Actions& /*act*/) {}
  /// An idle connection was found dead. Only called if watches_idle().
  virtual void on_lost(TimePoint /*now*/, ConnId /*conn*/, Actions& /*act*/) {}
  /// The client's own connection to the pool ended (poolers); it holds and awaits nothing.
  virtual void on_client_gone(TimePoint /*now*/, ClientId /*client*/, Actions& /*act*/) {}

  virtual PoolCounts counts() const = 0;
  /// The error text of the real library for this refusal.
  virtual std::string refusal_text(Refusal why) const = 0;
  /// The library's own figures, as it would report them now; empty where it has none.
  virtual std::vector<PoolStatistic> statistics() const { return {}; }
  virtual DriverHabits habits() const { return {}; }
  /// True where the library notices the death of an idle connection by itself (event loops).
  virtual bool watches_idle() const { return false; }
  /// True where a checkout may grant a connection that was never opened: the first exchange
  /// connects (Rails). Such a connection is ordered with open() by nobody; closing it is allowed.
  virtual bool connects_lazily() const { return false; }
  /// True for pools whose one connection has several holders at a time.
  virtual bool shares_connections() const { return false; }
};

}  // namespace poolgauge
