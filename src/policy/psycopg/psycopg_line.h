// psycopg_pool's line of waiting clients, in which those who timed out stay until a connection
// passes them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "poolgauge/pool_policy.h"

namespace poolgauge {

/// First come first served; O(1) each, counted over time.
class PsycopgLine {
 public:
  using Place = std::uint64_t;

  Place push_back(WaiterId waiter) {
    places_.push_back({waiter, true});
    ++alive_;
    return first_ + places_.size() - 1;
  }
  /// The waiter stops listening; its place stays.
  void give_up(Place place) {
    places_[place - first_].alive = false;
    --alive_;
  }
  /// The first who still listens; the places before it are gone afterwards.
  std::optional<WaiterId> pop_alive() {
    while (!places_.empty()) {
      const Entry entry = places_.front();
      places_.pop_front();
      ++first_;
      if (!entry.alive) continue;
      --alive_;
      return entry.waiter;
    }
    return std::nullopt;
  }
  bool empty() const { return places_.empty(); }
  /// As the library counts: with those who have given up.
  std::int64_t length() const { return static_cast<std::int64_t>(places_.size()); }
  std::int64_t alive() const { return alive_; }

 private:
  struct Entry {
    WaiterId waiter;
    bool alive = false;
  };
  std::deque<Entry> places_;
  Place first_ = 0;
  std::int64_t alive_ = 0;
};

}  // namespace poolgauge
