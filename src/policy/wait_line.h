// The wait queue: first come, first served; leaving from the middle in O(1).
#pragma once

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

/// A doubly linked list threaded through the waiters' slots; memory only for slots ever seen.
class WaitLine {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push_back(WaiterId waiter) {
    const std::uint32_t slot = waiter.slot;
    if (slot >= places_.size()) places_.resize(slot + 1);
    Place& place = places_[slot];
    POOLGAUGE_CHECK(!place.in_line, "a waiter joined the line twice");
    place = {waiter.serial, last_, kNone, true};
    (last_ == kNone ? first_ : places_[last_].next) = slot;
    last_ = slot;
    ++size_;
  }
  WaiterId front() const { return {first_, places_[first_].serial}; }
  WaiterId pop_front() {
    const WaiterId waiter = front();
    remove(waiter);
    return waiter;
  }
  bool contains(WaiterId waiter) const {
    return waiter.slot < places_.size() && places_[waiter.slot].in_line &&
           places_[waiter.slot].serial == waiter.serial;
  }
  /// False when it is not in the queue.
  bool remove(WaiterId waiter) {
    if (!contains(waiter)) return false;
    Place& place = places_[waiter.slot];
    (place.previous == kNone ? first_ : places_[place.previous].next) = place.next;
    (place.next == kNone ? last_ : places_[place.next].previous) = place.previous;
    place.in_line = false;
    --size_;
    return true;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Place {
    std::uint32_t serial = 0;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    bool in_line = false;
  };
  std::vector<Place> places_;
  std::uint32_t first_ = kNone;
  std::uint32_t last_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace poolgauge
