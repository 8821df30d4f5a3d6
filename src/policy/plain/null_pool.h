// No pool: every checkout connects, every return closes. No limit, no waiting, no timeout.
// The kind "none"; SQLAlchemy's NullPool behaves the same.
#pragma once

#include <vector>

#include "policy/conn_ids.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

class NullPool final : public PoolPolicy {
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

 private:
  struct Opening {
    WaiterId waiter;
    bool wanted = false;
  };
  std::vector<Opening> openings_;              // by connection slot
  std::vector<std::uint32_t> slot_by_waiter_;  // by the waiter's slot
  std::int64_t open_ = 0;
  std::int64_t left_ = 0;  // in progress, with nobody waiting for them any more
  ConnIds ids_;
};

}  // namespace poolgauge
