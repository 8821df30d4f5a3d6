// One timer for each slot of a policy (a connection's, a holder's).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "policy/agenda.h"

namespace poolgauge {

/// An agenda whose entries are slots, each on it at most once.
class SlotTimers {
 public:
  void set(std::uint32_t slot, TimePoint when) {
    cancel(slot);
    if (slot >= keys_.size()) keys_.resize(slot + 1);
    keys_[slot] = agenda_.add(when, slot);
  }
  void cancel(std::uint32_t slot) {
    if (slot >= keys_.size() || !keys_[slot]) return;
    agenda_.strike(*keys_[slot]);
    keys_[slot].reset();
  }
  /// Takes off the first timer that is due; nothing when none is.
  std::optional<std::uint32_t> take_due(TimePoint now) {
    if (!agenda_.due(now)) return std::nullopt;
    const std::uint32_t slot = agenda_.take_first();
    keys_[slot].reset();
    return slot;
  }
  void arm(Actions& act) { agenda_.arm(act); }
  void fired() { agenda_.fired(); }

 private:
  Agenda<std::uint32_t> agenda_;
  std::vector<std::optional<Agenda<std::uint32_t>::Key>> keys_;  // by slot
};

}  // namespace poolgauge
