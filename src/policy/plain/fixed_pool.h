// The kind "fixed": a private connection for each user, made at its first request and kept, as
// pgbench does. A broken one is remade at its user's next request.
#pragma once

#include <vector>

#include "policy/conn_ids.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

class FixedPool final : public PoolPolicy {
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
  /// One user's own connection.
  struct Seat {
    enum class State : std::uint8_t { absent, opening, idle, used };
    State state = State::absent;
    bool wanted = false;
    ConnId conn;
    WaiterId waiter;
  };
  Seat& seat_of(ConnId conn) { return seats_[seat_by_slot_[conn.slot]]; }
  void give(Seat& seat, WaiterId waiter, Actions& act);

  std::vector<Seat> seats_;                    // by client
  std::vector<std::uint32_t> seat_by_slot_;    // by connection slot
  std::vector<std::uint32_t> seat_by_waiter_;  // by the waiter's slot
  std::int64_t open_ = 0;
  std::int64_t used_ = 0;
  ConnIds ids_;
};

}  // namespace poolgauge
