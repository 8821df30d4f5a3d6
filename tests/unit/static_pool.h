// SQLAlchemy's StaticPool: one connection, made at the first checkout, shared by all holders at the
// same time; returning does nothing (lib/sqlalchemy/pool/impl.py). Not offered as a kind: a live
// connection can carry one statement at a time.
#pragma once

#include <vector>

#include "policy/conn_ids.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

class StaticPool final : public PoolPolicy {
 public:
  void on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) override;
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_deadline(TimePoint, WaiterId, Actions&) override {}
  void on_give_up(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) override;
  void on_opened(TimePoint now, ConnId conn, Actions& act) override;
  void on_open_failed(TimePoint now, ConnId conn, Actions& act) override;
  void on_checked(TimePoint, ConnId, bool, Actions&) override {}
  void on_reset(TimePoint, ConnId, bool, Actions&) override {}
  PoolCounts counts() const override;
  std::string refusal_text(Refusal) const override { return {}; }
  bool shares_connections() const override { return true; }

 private:
  void leave(ConnId conn, Actions& act);
  enum class State { absent, opening, open };
  State state_ = State::absent;
  /// A connection that was lost, or discarded, while others hold it.
  struct Leaving {
    ConnId conn;
    std::int64_t holders = 0;
  };
  ConnId conn_;
  std::int64_t holders_ = 0;
  std::vector<Leaving> leaving_;
  WaitLine line_;
  ConnIds ids_;
};

}  // namespace poolgauge
