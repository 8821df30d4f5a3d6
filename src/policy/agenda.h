// Several timers of one policy: what is due next, and striking out what no longer matters.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "poolgauge/pool_policy.h"

namespace poolgauge {

/// `What` says what to do. Entries due at the same time come in the order they were made.
template <typename What>
class Agenda {
 public:
  using Key = std::pair<TimePoint, std::uint64_t>;

  Key add(TimePoint when, const What& what) {
    const Key key{when, ++made_};
    entries_.emplace(key, what);
    return key;
  }
  void strike(const Key& key) { entries_.erase(key); }
  bool due(TimePoint now) const {
    return !entries_.empty() && entries_.begin()->first.first <= now;
  }
  What take_first() {
    const What what = entries_.begin()->second;
    entries_.erase(entries_.begin());
    return what;
  }
  /// Has the policy ticked when the first entry is due; call it after every change. The tick of an
  /// entry that was struck out still comes, and finds nothing due.
  void arm(Actions& act) {
    if (entries_.empty() || entries_.begin()->first.first >= armed_at_) return;
    armed_at_ = entries_.begin()->first.first;
    act.tick_at(armed_at_);
  }
  /// The tick that was ordered has come.
  void fired() { armed_at_ = kNever; }

 private:
  std::map<Key, What> entries_;
  std::uint64_t made_ = 0;
  TimePoint armed_at_ = kNever;
};

}  // namespace poolgauge
