// Writes a policy's orders down, for tests of decisions that need one exact order of events.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "poolgauge/pool_policy.h"

namespace poolgauge::test {

/// "grant w1 c2", "wake w2", "open c3", ... in the order given; c2 is connection number 2.
class OrderLog final : public Actions {
 public:
  using Log = std::vector<std::string>;

  void grant(WaiterId w, ConnId c) override { add("grant " + name(w) + " " + name(c)); }
  void refuse(WaiterId w, Refusal why) override {
    const char* const names[] = {"timeout ", "overloaded ", "connect_failed ", "gave_up "};
    add(names[static_cast<int>(why)] + name(w));
  }
  void park(WaiterId w, TimePoint deadline) override {
    add("park " + name(w));
    parked_until = deadline;
  }
  void unpark(WaiterId) override {}
  void wake(WaiterId w) override { add("wake " + name(w)); }
  void open(ConnId c, const WaiterId* payer) override {
    add("open " + name(c) + (payer != nullptr ? " " + name(*payer) : ""));
    last_opened = c;
  }
  void abandon(ConnId c) override { add("abandon " + name(c)); }
  void close(ConnId c, CloseReason) override { add("close " + name(c)); }
  void check(ConnId c) override { add("check " + name(c)); }
  void reset(ConnId c) override { add("reset " + name(c)); }
  void tick_at(TimePoint when) override { tick = when; }

  Log take() { return std::exchange(log_, {}); }

  TimePoint parked_until{};
  TimePoint tick = TimePoint::max();
  ConnId last_opened;

 private:
  static std::string name(WaiterId w) { return "w" + std::to_string(w.slot); }
  static std::string name(ConnId c) { return "c" + std::to_string(c.number); }
  void add(const std::string& order) { log_.push_back(order); }
  Log log_;
};

}  // namespace poolgauge::test
