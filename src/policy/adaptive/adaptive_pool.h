// The kind "adaptive": a pool that sizes itself from its load. No library's; the rules are these:
//  - At most `size` connections are open. A caller takes the idle one returned last, or connects
//    itself, in parallel with others, while fewer than `size` are open, or waits: first come first
//    served, and a released connection goes straight to the first waiter. A failed connect fails
//    its caller and lets the first waiter connect.
//  - `timeout` limits the whole checkout, connecting included. The connect of a caller that left
//    continues; its connection goes to the first waiter, or becomes idle.
//  - Every interval it takes the mean over the interval of its demand, connections in use or being
//    prepared plus callers waiting, and wants ceil(mean / target utilization) connections, within
//    its bounds.
//  - It grows at once to what it wants. It shrinks to the most it wanted in the last
//    `shrink_after` intervals, so a short lull costs no connections and the size does not swing
//    with every interval (the stabilization window of Kubernetes' horizontal autoscaler).
//  - Growing lets waiters connect. Shrinking closes idle connections, those idle longest first, and
//    then released ones, until no more than `size` are open.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct AdaptiveConfig {
  std::int64_t min_size = 2;
  std::int64_t max_size = 20;
  std::int64_t target_percent = 75;
  Duration interval = std::chrono::seconds(5);
  std::int64_t shrink_after = 3;  ///< intervals; 1: at once
  Duration timeout = std::chrono::seconds(30);
};

/// What a pool should be after `interval` in which `demand` (connections or callers, times
/// nanoseconds) was summed up: exact, without bounds.
std::int64_t wanted_size(std::int64_t demand_ns, Duration interval, std::int64_t target_percent);

class AdaptivePool final : public PoolPolicy {
 public:
  explicit AdaptivePool(const AdaptiveConfig& config);

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint, ConnId, bool, Actions&) override {}
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_tick(TimePoint now, Actions& act) override;

 private:
  /// A connect in progress, by connection slot.
  struct Opening {
    WaiterId waiter;
    bool wanted = false;
  };
  /// A caller that is connecting, by waiter slot.
  struct Connecting {
    std::uint32_t slot = 0;
    bool under_way = false;
  };

  void connect(WaiterId waiter, Actions& act);
  void leave(TimePoint now, WaiterId waiter, Refusal why, Actions& act);
  void put(ConnId conn, Actions& act);
  void close(ConnId conn, CloseReason why, Actions& act);
  void resize(Actions& act);
  void let_connect(Actions& act);
  std::int64_t demand() const;
  void note(TimePoint now);

  AdaptiveConfig config_;
  std::int64_t size_;
  std::int64_t open_ = 0;
  std::int64_t unclaimed_ = 0;  // being made with nobody waiting for it
  std::deque<ConnId> idle_;     // the next one last
  WaitLine line_;
  std::vector<Opening> openings_;
  std::vector<Connecting> connecting_;
  ConnIds ids_;

  TimePoint noted_at_{};
  std::int64_t demand_ns_ = 0;             // in this interval so far
  std::deque<std::int64_t> wanted_sizes_;  // of the last intervals
  std::int64_t grown_ = 0;
  std::int64_t shrunk_ = 0;
};

}  // namespace poolgauge
