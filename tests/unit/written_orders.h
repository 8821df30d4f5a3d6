// A policy's orders as words, for tests of decisions that need one exact order of events.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "poolgauge/pool_policy.h"

namespace poolgauge::test {

/// Writes orders down: "grant w1 c1", "open c2 for w3", "tick 200", ... Times in milliseconds.
class WrittenOrders final : public Actions {
 public:
  void grant(WaiterId w, ConnId c) override { add("grant " + name(w) + " " + name(c)); }
  void refuse(WaiterId w, Refusal why) override { add(word(why) + name(w)); }
  void park(WaiterId w, TimePoint at) override { add("park " + name(w) + " " + name(at)); }
  void unpark(WaiterId w) override { add("unpark " + name(w)); }
  void wake(WaiterId w) override { add("wake " + name(w)); }
  void open(ConnId c, const WaiterId* w) override {
    add("open " + name(c) + (w != nullptr ? " for " + name(*w) : ""));
  }
  void abandon(ConnId c) override { add("abandon " + name(c)); }
  void close(ConnId c, CloseReason) override { add("close " + name(c)); }
  void check(ConnId c) override { add("check " + name(c)); }
  void reset(ConnId c) override { add("reset " + name(c)); }
  void tick_at(TimePoint at) override { add("tick " + name(at)); }
  std::vector<std::string> take() { return std::exchange(orders_, {}); }

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
  std::vector<std::string> orders_;
};

}  // namespace poolgauge::test
