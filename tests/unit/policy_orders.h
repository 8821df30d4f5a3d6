// A policy's orders as words, for tests of decisions that need one exact order of events.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/pool_policy.h"

namespace poolgauge::test {

using Orders = std::vector<std::string>;

/// Writes orders down: "grant w1 c1", "open c2 for w3", "park w1", ... c2 is connection number 2.
class OrderLog : public Actions {
 public:
  /// Whether times stand among the orders ("park w1 200", "tick 200", in milliseconds), or are kept
  /// beside them.
  enum class Times : std::uint8_t { kept, written };
  explicit OrderLog(Times times = Times::kept) : times_(times) {}

  void grant(WaiterId w, ConnId c) override { add("grant " + name(w) + " " + name(c)); }
  void refuse(WaiterId w, Refusal why) override { add(word(why) + name(w)); }
  void park(WaiterId w, TimePoint deadline) override {
    parked_until = deadline;
    add("park " + name(w) + (times_ == Times::written ? " " + name(deadline) : ""));
  }
  void unpark(WaiterId w) override { add("unpark " + name(w)); }
  void wake(WaiterId w) override { add("wake " + name(w)); }
  void open(ConnId c, const WaiterId* payer) override {
    last_opened = c;
    add("open " + name(c) + (payer != nullptr ? " for " + name(*payer) : ""));
  }
  void abandon(ConnId c) override { add("abandon " + name(c)); }
  void close(ConnId c, CloseReason) override { add("close " + name(c)); }
  void check(ConnId c) override { add("check " + name(c)); }
  void reset(ConnId c) override { add("reset " + name(c)); }
  void tick_at(TimePoint when) override {
    tick = when;
    if (times_ == Times::written) add("tick " + name(when));
  }

  Orders take() { return std::exchange(orders_, {}); }

  TimePoint parked_until{};
  TimePoint tick = kNever;  ///< the one pending
  ConnId last_opened;

 private:
  static std::string name(WaiterId w) { return "w" + std::to_string(w.slot); }
  static std::string name(ConnId c) { return "c" + std::to_string(c.number); }
  static std::string name(TimePoint at) {
    return std::to_string(at.time_since_epoch() / std::chrono::milliseconds(1));
  }
  static std::string word(Refusal why) {
    switch (why) {
      case Refusal::timeout: return "timeout ";
      case Refusal::gave_up: return "gave up ";
      case Refusal::connect_failed: return "failed ";
      case Refusal::overloaded: break;
    }
    return "overloaded ";
  }
  void add(std::string order) { orders_.push_back(std::move(order)); }

  Times times_;
  Orders orders_;
};

inline std::int64_t statistic(const PoolPolicy& policy, std::string_view name) {
  for (const auto& [known, value] : policy.statistics()) {
    if (known == name) return value;
  }
  return -1;
}

}  // namespace poolgauge::test
