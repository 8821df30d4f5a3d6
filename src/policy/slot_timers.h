// Several timers of one policy behind its one tick.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "poolgauge/pool_policy.h"

namespace poolgauge {

/// One timer for each slot, kept in the order in which they are due.
class SlotTimers {
 public:
  void set(std::uint32_t slot, TimePoint when) {
    cancel(slot);
    if (slot >= when_.size()) when_.resize(slot + 1, kNever);
    when_[slot] = when;
    due_.emplace(when, slot);
  }
  void cancel(std::uint32_t slot) {
    if (slot >= when_.size() || when_[slot] == kNever) return;
    due_.erase({when_[slot], slot});
    when_[slot] = kNever;
  }
  /// Takes off the first timer that is due; nothing when none is.
  std::optional<std::uint32_t> take_due(TimePoint now) {
    if (due_.empty() || due_.begin()->first > now) return std::nullopt;
    const std::uint32_t slot = due_.begin()->second;
    cancel(slot);
    return slot;
  }
  /// To be called after every change: has the policy called when the first one is due. A cancelled
  /// timer's tick still comes, and finds nothing due.
  void order_tick(Actions& act) {
    if (due_.empty() || due_.begin()->first >= ordered_) return;
    ordered_ = due_.begin()->first;
    act.tick_at(ordered_);
  }
  /// The ordered tick has come.
  void ticked() { ordered_ = kNever; }

 private:
  std::set<std::pair<TimePoint, std::uint32_t>> due_;
  std::vector<TimePoint> when_;  // by slot
  TimePoint ordered_ = kNever;
};

}  // namespace poolgauge
