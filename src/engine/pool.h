// The pool driver: carries out a policy's decisions, with all waiting and I/O.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/app_loop.h"
#include "engine/backend.h"
#include "engine/deadline_line.h"
#include "engine/lazy_session.h"
#include "engine/limited_backend.h"
#include "engine/pool_gauges.h"
#include "loop/patience.h"
#include "loop/scope.h"
#include "loop/wait.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

/// A connection on loan. Moves, never copies; must be released (CHECKed).
class Lease {
 public:
  Lease() = default;
  Lease(ConnId conn, Session* session) : conn_(conn), session_(session) {}
  Lease(Lease&& other) noexcept
      : conn_(other.conn_), session_(std::exchange(other.session_, nullptr)) {}
  Lease& operator=(Lease&& other) noexcept {
    POOLGAUGE_CHECK(session_ == nullptr, "a lease was overwritten before it was released");
    conn_ = other.conn_;
    session_ = std::exchange(other.session_, nullptr);
    return *this;
  }
  ~Lease() { POOLGAUGE_CHECK(session_ == nullptr, "a lease was dropped without being released"); }

  bool held() const { return session_ != nullptr; }
  ConnId conn() const { return conn_; }
  Session& session() const { return *session_; }

 private:
  friend class Pool;
  void forget() { session_ = nullptr; }
  ConnId conn_;
  Session* session_ = nullptr;
};

/// A time interval.
struct Stretch {
  TimePoint begin{};
  TimePoint end{};
};

/// The answer to an acquire: a lease, or why not.
struct Acquired {
  Lease lease;
  Refusal refusal = Refusal::gave_up;
  WakeReason gave_up = WakeReason::done;  ///< for Refusal::gave_up: the deadline or the stop
  Outcome connect_outcome;                ///< for Refusal::connect_failed
  std::unique_ptr<const std::string> connect_error;  ///< for Refusal::connect_failed
  bool waited = false;                               ///< the caller was suspended
  Stretch connecting;  ///< when the granted connection was made, maybe long ago
  bool granted() const { return lease.held(); }
  std::string error_text() const { return connect_error != nullptr ? *connect_error : ""; }
};

/// Notified of everything that happens to connections; for traces and tests.
class PoolObserver {
 public:
  virtual ~PoolObserver() = default;
  virtual void opening(TimePoint now, ConnId conn, const ClientId* payer) = 0;
  virtual void opened(TimePoint now, ConnId conn, Duration took) = 0;
  virtual void open_failed(TimePoint now, ConnId conn, const Outcome& outcome) = 0;
  virtual void abandoned(TimePoint /*now*/, ConnId /*conn*/) {}
  virtual void closed(TimePoint now, ConnId conn, CloseReason why) = 0;
  virtual void checked(TimePoint now, ConnId conn, bool alive) = 0;
  virtual void resetting(TimePoint now, ConnId conn, Exchange::Kind how) = 0;
};

/// One pool of one application process. Single-threaded; all of its waiting happens on one loop.
class Pool final : private Actions, private LossListener, private LazyOwner, private RoomListener {
 public:
  /// Everything referred to must outlive the pool. `permanent_size`: what counts as overflow above.
  /// `app`: the application's event loop, through which waiters are woken. `most`: the connections
  /// it may hold at a time, counting those being opened and broken off; nullopt: no bound.
  Pool(Scope& scope, StopList& stops, Backend& backend, AppLoop& app,
       std::unique_ptr<PoolPolicy> policy, std::int64_t permanent_size, PoolObserver* observer,
       std::optional<std::int64_t> most = std::nullopt);
  ~Pool() override;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void start();

  /// `co_await pool.acquire(client, patience)` -> Acquired. Does not suspend when the policy
  /// answers at once.
  class Acquire;
  Acquire acquire(ClientId client, Patience& patience);

  /// `co_await pool.release(lease, condition)`: suspends only while a rollback is in progress. The
  /// lease is empty afterwards.
  class Release;
  Release release(Lease& lease, Condition condition);

  /// The end of the run: closes what is open. No task of the pool may be in progress.
  void shut_down();

  /// An open connection is dead: what a pool that watches its idle connections notices at once.
  void lost(ConnId conn);
  /// The client's own connection to the pool ended.
  void client_gone(ClientId client);

  PoolCounts counts() const { return policy_->counts(); }
  std::vector<PoolStatistic> statistics() const { return policy_->statistics(); }
  std::string refusal_text(Refusal why) const { return policy_->refusal_text(why); }
  PoolGauges& gauges() { return gauges_; }
  /// Connects that wait for a slot: no socket yet. `paid`: of these, those in a waiter's own time.
  struct Queued {
    std::int64_t all = 0;
    std::int64_t paid = 0;
  };
  const Queued& queued() const { return queued_; }
  /// Its connections are made by their first exchange, not before they are granted.
  bool connects_lazily() const { return lazy_; }
  /// When an open connection was made.
  const Stretch& connecting(ConnId conn) { return slot_of(conn).connecting_time; }

 private:
  struct Waiter;
  struct Slot {
    std::unique_ptr<Session> session;
    ConnId conn;
    std::uint32_t holders = 0;
    Wait* releaser = nullptr;        ///< the user that waits for the reset
    Patience* connecting = nullptr;  ///< of the connect in progress, once it has begun
    Stretch connecting_time;         ///< of the last connect that succeeded
    bool opening = false;            ///< between open and its outcome
    bool paid = false;               ///< opened in a waiter's time
    bool queued = false;             ///< the connect waits for a slot
    bool unwanted = false;           ///< its waiter gave up before it started
    bool resetting = false;
    bool busy = false;  ///< being tested or reset
  };
  enum class Verb : std::uint8_t {
    grant,
    refuse,
    park,
    unpark,
    wake,
    open,
    abandon,
    close,
    check,
    reset,
    tick
  };
  struct Order {
    Verb verb{};
    Refusal refusal{};
    CloseReason reason{};
    bool has_payer = false;
    WaiterId waiter;
    ConnId conn;
    TimePoint when{};
  };

  // Actions: recorded, carried out when the policy has returned.
  void grant(WaiterId waiter, ConnId conn) override;
  void refuse(WaiterId waiter, Refusal why) override;
  void park(WaiterId waiter, TimePoint deadline) override;
  void unpark(WaiterId waiter) override;
  void wake(WaiterId waiter) override;
  void open(ConnId conn, const WaiterId* payer) override;
  void abandon(ConnId conn) override;
  void close(ConnId conn, CloseReason why) override;
  void check(ConnId conn) override;
  void reset(ConnId conn) override;
  void tick_at(TimePoint when) override;

  // From sessions.
  void connection_lost(ConnId conn) override;
  void lazy_connecting(ConnId conn) override;
  void lazy_connected(ConnId conn, const Outcome& outcome, Duration took,
                      const ConnectTimes& times) override;

  // From the limit on connections.
  void connect_waits(ConnId conn) override;
  void connect_proceeds(ConnId conn) override;
  void unqueue(Slot& slot);
  void drop_queued(ConnId conn);

  template <typename Event>
  void decide(const Event& event);
  void carry_out(TimePoint now);
  void carry_out(TimePoint now, const Order& order);
  void do_grant(TimePoint now, const Order& order);
  void do_open(TimePoint now, const Order& order);
  void do_abandon(TimePoint now, ConnId conn);
  void make_lazy(ConnId conn);
  void opened(ConnId conn, Connected& connected, const Stretch& connecting);
  void refused(Waiter& waiter, Refusal why);
  void do_close(TimePoint now, ConnId conn, CloseReason why);
  void do_reset(TimePoint now, ConnId conn);
  void do_wake(WaiterId waiter);
  static void run_wake(void* pool);
  static void run_loss(void* pool);

  Task<> connect_task(ConnId conn);
  Task<> check_task(ConnId conn);
  Task<> reset_task(ConnId conn);

  WaiterId enlist(Waiter& waiter);
  void dismiss(Waiter& waiter);
  Waiter* find(WaiterId id);
  Slot& slot_of(ConnId conn);
  bool names(ConnId conn) const {
    return conn.slot < slots_.size() && slots_[conn.slot].conn == conn;
  }
  void answer(Waiter& waiter);
  void note_level(TimePoint now);

  struct PoolTimer : Timer {
    PoolTimer(Fire fire, Pool& p) : Timer(fire), pool(p) {}
    Pool& pool;
  };
  static void at_tick(Timer& timer);
  static void at_deadline(Timer& timer);
  void watch_deadlines();

  Scope& scope_;
  Loop& loop_;
  StopList& stops_;
  LimitedBackend backend_;
  AppLoop& app_;
  std::unique_ptr<PoolPolicy> policy_;
  DriverHabits habits_;
  bool watches_idle_;
  bool lazy_;
  PoolObserver* observer_;
  PoolGauges gauges_;
  Queued queued_;
  std::int64_t starting_ = 0;  ///< connects that were ordered and have not had their turn
  std::int64_t permanent_size_;
  std::vector<Order> orders_;
  bool deciding_ = false;
  std::vector<Waiter*> waiters_;  // by slot
  std::vector<std::uint32_t> waiter_serials_;
  std::vector<std::uint32_t> free_waiters_;
  std::deque<WaiterId> wakes_;
  std::deque<ConnId> losses_;
  std::vector<Slot> slots_;
  std::string connect_error_;
  Outcome connect_outcome_;  ///< of the last connect or test that failed or was broken off
  PoolTimer tick_timer_;
  DeadlineLine deadlines_;
  PoolTimer deadline_timer_;  // left armed without waiters: a spurious timer is cheaper
};

/// A waiter: lives in the frame of the coroutine that waits.
struct Pool::Waiter : DeadlineLine::Place {
  Waiter(Pool& p, ClientId c) : pool(p), client(c), wait(p.loop_) {}

  Pool& pool;
  ClientId client;
  WaiterId id;
  Wait wait;
  bool answered = false;
  bool granted = false;
  bool waited = false;
  ConnId conn;
  ConnId paying;  ///< the connect that is made in its time
  Refusal refusal{};
  Outcome connect_outcome;
  std::unique_ptr<const std::string> connect_error;
};

class Pool::Acquire {
 public:
  Acquire(Pool& pool, ClientId client, Patience& patience)
      : pool_(pool), patience_(patience), waiter_(pool, client) {}
  Acquire(const Acquire&) = delete;
  Acquire& operator=(const Acquire&) = delete;
  bool await_ready();
  void await_suspend(std::coroutine_handle<> self);
  Acquired await_resume();

 private:
  Pool& pool_;
  Patience& patience_;
  Waiter waiter_;
};

class Pool::Release {
 public:
  Release(Pool& pool, Lease& lease, Condition condition)
      : pool_(pool), lease_(lease), condition_(condition), wait_(pool.loop_) {}
  Release(const Release&) = delete;
  Release& operator=(const Release&) = delete;
  bool await_ready();
  void await_suspend(std::coroutine_handle<> self);
  void await_resume() noexcept {}

 private:
  Pool& pool_;
  Lease& lease_;
  Condition condition_;
  Wait wait_;
  ConnId conn_;
};

inline Pool::Acquire Pool::acquire(ClientId client, Patience& patience) {
  return Acquire(*this, client, patience);
}
inline Pool::Release Pool::release(Lease& lease, Condition condition) {
  return Release(*this, lease, condition);
}

// Tells the policy of one event, then carries out what it ordered.
template <typename Event>
void Pool::decide(const Event& event) {
  POOLGAUGE_CHECK(!deciding_, "a policy was entered while it was deciding");
  const TimePoint now = loop_.now();
  deciding_ = true;
  event(now);
  deciding_ = false;
  carry_out(now);
}

}  // namespace poolgauge
