// What a policy orders, written down in short: "open c1 by w0", "grant w1 c1", "tick 5000".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "poolgauge/pool_policy.h"

namespace poolgauge::test {

using Orders = std::vector<std::string>;

class OrderBook final : public Actions {
 public:
  void grant(WaiterId w, ConnId c) override { add("grant " + name(w) + " " + name(c)); }
  void refuse(WaiterId w, Refusal why) override {
    const char* const words[] = {"timeout ", "overloaded ", "failed ", "gave up "};
    add(words[static_cast<int>(why)] + name(w));
  }
  void park(WaiterId w, TimePoint) override { add("park " + name(w)); }
  void unpark(WaiterId w) override { add("unpark " + name(w)); }
  void wake(WaiterId w) override { add("wake " + name(w)); }
  void open(ConnId c, const WaiterId* payer) override {
    slot = c.slot;
    add("open " + name(c) + (payer != nullptr ? " by " + name(*payer) : ""));
  }
  void abandon(ConnId c) override { add("abandon " + name(c)); }
  void close(ConnId c, CloseReason) override { add("close " + name(c)); }
  void check(ConnId c) override { add("check " + name(c)); }
  void reset(ConnId c) override { add("reset " + name(c)); }
  void tick_at(TimePoint when) override { tick = when; }
  Orders take() { return std::exchange(orders_, {}); }

  TimePoint tick = kNever;  ///< the one pending
  std::uint32_t slot = 0;   ///< of the connection ordered last

 private:
  static std::string name(WaiterId w) { return "w" + std::to_string(w.slot); }
  static std::string name(ConnId c) { return "c" + std::to_string(c.number); }
  void add(const std::string& order) { orders_.push_back(order); }
  Orders orders_;
};

inline std::int64_t statistic(const PoolPolicy& policy, std::string_view name) {
  for (const auto& [known, value] : policy.statistics()) {
    if (known == name) return value;
  }
  return -1;
}

}  // namespace poolgauge::test
