// HikariCP's "connection adder": the one thread that connects, and its queue of orders.
#pragma once

#include <algorithm>
#include <cstdint>

#include "poolgauge/time.h"

namespace poolgauge {

/// An order says "one more is needed"; the adder checks again before each connect whether it still
/// is. The pool connects; this class only knows whether the adder is busy, and how long it pauses.
class HikariAdder {
 public:
  struct Rules {
    std::int64_t longest_queue = 10;
    Duration pause = std::chrono::milliseconds(30);  ///< after a success
    bool goes_on = false;        ///< 5.0: one order adds as long as there is need
    bool doubles_first = false;  ///< 5.0: the first pause after a failure is 20 ms, not 10
  };
  explicit HikariAdder(const Rules& rules) : rules_(rules) {}

  bool busy() const { return busy_; }
  std::int64_t queued() const { return queued_; }

  /// True when the adder was idle and begins with this order at once. A full queue drops it.
  bool order() {
    if (busy_) {
      queued_ = std::min(queued_ + 1, rules_.longest_queue);
      return false;
    }
    begin();
    return true;
  }
  /// The current order is done; true when another one is begun.
  bool next() {
    busy_ = false;
    if (queued_ == 0) return false;
    --queued_;
    begin();
    return true;
  }
  Duration pause_after_success() {
    just_added_ = true;
    backoff_ = kFirstBackoff;
    return rules_.pause;
  }
  Duration pause_after_failure() {
    just_added_ = false;
    if (rules_.doubles_first) return backoff_ = std::min(backoff_ * 2, kLongestBackoff);
    const Duration pause = backoff_;
    backoff_ = std::min(backoff_ * 2, kLongestBackoff);
    return pause;
  }
  /// After a pause: whether the current order is done without asking for the need again.
  bool done() const { return just_added_ && !rules_.goes_on; }

 private:
  static constexpr Duration kFirstBackoff = std::chrono::milliseconds(10);
  static constexpr Duration kLongestBackoff = std::chrono::seconds(5);
  void begin() {
    busy_ = true;
    just_added_ = false;
    backoff_ = kFirstBackoff;
  }

  Rules rules_;
  bool busy_ = false;
  bool just_added_ = false;
  std::int64_t queued_ = 0;
  Duration backoff_ = kFirstBackoff;
};

}  // namespace poolgauge
