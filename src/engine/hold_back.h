// New requests that are held back from outside: by a guard, or by hand.
#pragma once

#include <atomic>
#include <cstdint>

namespace poolgauge {

/// Written by one thread, read by every worker before each request.
class HoldBack {
 public:
  bool holding() const { return holding_.load(std::memory_order_relaxed); }
  void set(bool holding) { holding_.store(holding, std::memory_order_relaxed); }
  /// An arrival of an open load was due meanwhile, and does not begin.
  void withhold() { withheld_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t withheld() const { return withheld_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> holding_{false};
  std::atomic<std::uint64_t> withheld_{0};
};

}  // namespace poolgauge
