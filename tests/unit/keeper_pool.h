// A small policy for the driver's tests: a bounded pool, first come first served, that can do what
// only some libraries do.
#pragma once

#include <algorithm>
#include <vector>

#include "policy/conn_ids.h"
#include "policy/wait_line.h"

namespace poolgauge::test {

class KeeperPool final : public PoolPolicy {
 public:
  struct Ways {
    std::int64_t most = 2;
    bool lazy = false;
    bool watches = false;
    bool abandons = false;  ///< breaks off the connect of a waiter that gives up
    DriverHabits::Reset reset = DriverHabits::Reset::rollback;
  };
  explicit KeeperPool(const Ways& ways) : ways_(ways) {}

  void on_acquire(TimePoint, WaiterId waiter, ClientId, Actions& act) override {
    line_.push_back(waiter);
    serve(act);
  }
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_deadline(TimePoint, WaiterId, Actions&) override {}
  void on_give_up(TimePoint, WaiterId waiter, Actions& act) override {
    if (!line_.remove(waiter)) give_up_connect(waiter, act);
    act.refuse(waiter, Refusal::gave_up);
    serve(act);
  }
  void on_release(TimePoint, ConnId conn, Condition condition, Actions& act) override {
    const bool usable = condition == Condition::clean || condition == Condition::in_transaction;
    if (usable) return act.reset(conn);
    drop(conn, act);
  }
  void on_reset(TimePoint, ConnId conn, bool alive, Actions& act) override {
    if (!alive) return drop(conn, act);
    --used_;
    idle_.push_back(conn);
    serve(act);
  }
  void on_opened(TimePoint, ConnId conn, Actions& act) override {
    const Opening opening = take_opening(conn);
    if (opening.wanted) return act.grant(opening.waiter, conn);
    --used_;
    idle_.push_back(conn);
    serve(act);
  }
  void on_open_failed(TimePoint, ConnId conn, Actions& act) override {
    const Opening opening = take_opening(conn);
    --used_;
    ids_.retire(conn);
    if (opening.wanted) act.refuse(opening.waiter, Refusal::connect_failed);
    serve(act);
  }
  void on_checked(TimePoint, ConnId, bool, Actions&) override {}
  void on_lost(TimePoint, ConnId conn, Actions& act) override {
    ++losses;
    std::erase(idle_, conn);
    act.close(conn, CloseReason::broken);
    ids_.retire(conn);
    serve(act);
  }
  PoolCounts counts() const override {
    PoolCounts counts;
    counts.idle = static_cast<std::int64_t>(idle_.size());
    counts.checked_out = used_;
    counts.open = counts.idle + used_;
    counts.waiting = static_cast<std::int64_t>(line_.size());
    return counts;
  }
  std::string refusal_text(Refusal) const override { return "refused"; }
  DriverHabits habits() const override {
    DriverHabits habits;
    habits.reset = ways_.reset;
    return habits;
  }
  bool watches_idle() const override { return ways_.watches; }
  bool connects_lazily() const override { return ways_.lazy; }

  int losses = 0;

 private:
  struct Opening {
    ConnId conn;
    WaiterId waiter;
    bool wanted = true;
  };
  void serve(Actions& act) {
    while (!line_.empty() && !idle_.empty()) {
      ++used_;
      act.grant(line_.pop_front(), idle_.back());
      idle_.pop_back();
    }
    while (!line_.empty() && used_ < ways_.most) {
      const WaiterId waiter = line_.pop_front();
      const ConnId conn = ids_.make();
      ++used_;
      if (ways_.lazy) {
        act.grant(waiter, conn);
        continue;
      }
      openings_.push_back({conn, waiter});
      act.open(conn, &waiter);
    }
  }
  void give_up_connect(WaiterId waiter, Actions& act) {
    const auto opening = std::find_if(openings_.begin(), openings_.end(),
                                      [&](const Opening& o) { return o.waiter == waiter; });
    opening->wanted = false;
    if (!ways_.abandons) return;
    act.abandon(opening->conn);
    ids_.retire(opening->conn);
    openings_.erase(opening);
    --used_;
  }
  Opening take_opening(ConnId conn) {
    const auto opening = std::find_if(openings_.begin(), openings_.end(),
                                      [&](const Opening& o) { return o.conn == conn; });
    const Opening taken = *opening;
    openings_.erase(opening);
    return taken;
  }
  void drop(ConnId conn, Actions& act) {
    --used_;
    act.close(conn, CloseReason::broken);
    ids_.retire(conn);
    serve(act);
  }

  Ways ways_;
  ConnIds ids_;
  WaitLine line_;
  std::vector<ConnId> idle_;
  std::vector<Opening> openings_;
  std::int64_t used_ = 0;  // held, being opened or reset
};

}  // namespace poolgauge::test
