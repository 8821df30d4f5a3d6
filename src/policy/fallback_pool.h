// A pool with a fallback: a request that the inner pool refuses (its timeout, a full queue, a
// failed connect) gets a direct connection of its own, opened in its own time and closed at
// release. No other request uses it, and only the owner's deadline limits it.
//
// The pool inside keeps its own numbers for connections; outside every attempt, its own and the
// direct ones, is numbered in the order in which it was begun.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

class FallbackPool final : public PoolPolicy, private Actions {
 public:
  explicit FallbackPool(std::unique_ptr<PoolPolicy> inner);

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_tick(TimePoint now, Actions& act) override;
  void on_lost(TimePoint now, ConnId conn, Actions& act) override;
  void on_client_gone(TimePoint now, ClientId client, Actions& act) override;
  DriverHabits habits() const override { return inner_->habits(); }
  bool watches_idle() const override { return inner_->watches_idle(); }
  bool connects_lazily() const override { return inner_->connects_lazily(); }
  bool shares_connections() const override { return inner_->shares_connections(); }

 private:
  /// A connection as the driver knows it, by its slot there.
  struct Outer {
    bool direct = false;
    bool wanted = false;  ///< direct, in progress, its waiter still there
    ConnId inner;         ///< where it is the inner pool's
    WaiterId waiter;      ///< where it is direct
  };
  /// A waiter the inner pool has refused, by its slot.
  struct Outcast {
    std::uint32_t serial = 0;  ///< zero: none
    std::uint32_t conn_slot = 0;
  };

  // What the inner pool orders, passed on under the names the driver knows.
  void grant(WaiterId waiter, ConnId conn) override;
  void refuse(WaiterId waiter, Refusal why) override;
  void park(WaiterId waiter, TimePoint deadline) override { act_->park(waiter, deadline); }
  void unpark(WaiterId waiter) override { act_->unpark(waiter); }
  void wake(WaiterId waiter) override { act_->wake(waiter); }
  void open(ConnId conn, const WaiterId* payer) override;
  void abandon(ConnId conn) override;
  void close(ConnId conn, CloseReason why) override;
  void check(ConnId conn) override;
  void reset(ConnId conn) override;
  void tick_at(TimePoint when) override { act_->tick_at(when); }

  /// Lets the inner pool decide, with this one between it and the driver.
  template <typename Event>
  void inside(Actions& act, const Event& event);
  ConnId make_outer(Outer outer);
  ConnId outer_of(ConnId inner);
  bool is_direct(ConnId conn) const { return outers_[conn.slot].direct; }
  bool is_outcast(WaiterId waiter) const;
  void close_direct(ConnId conn, CloseReason why, Actions& act);

  std::unique_ptr<PoolPolicy> inner_;
  Actions* act_ = nullptr;  // the driver's, while the inner pool decides
  std::vector<Outer> outers_;
  std::vector<ConnId> outer_by_inner_;  // by the inner slot; number 0: none
  std::vector<Outcast> outcasts_;
  ConnIds ids_;
  std::int64_t direct_open_ = 0;  // and being made
  std::int64_t direct_left_ = 0;  // of these: in progress, with nobody waiting for them any more
  std::int64_t direct_opened_ = 0;
};

}  // namespace poolgauge
