// Counting looks.
#include "guard/guard.h"

#include <algorithm>

#include <fmt/format.h>

namespace poolgauge::guard {

void Decider::look(const GuardLook& seen) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const std::optional<double> value = seen[static_cast<std::size_t>(rules_[i].gauge)];
    if (!value) continue;
    if (rules_[i].holds(*value)) {
      broken_[i] = 0;
      effects_[i].reset();
      continue;
    }
    ++broken_[i];
    const bool at_once = rules_[i].gauge == Gauge::stop_file;
    if (at_once || broken_[i] >= kLooksInARow) effects_[i] = Effect{i, *value};
  }
}

bool Decider::doubts() const {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (broken_[i] > 0 && !effects_[i]) return true;
  }
  return false;
}

std::optional<Effect> Decider::first_of(GuardAction action) const {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].action == action && effects_[i]) return effects_[i];
  }
  return std::nullopt;
}

std::vector<Effect> broken_by(const std::vector<GuardRule>& rules, const GuardLook& seen) {
  std::vector<Effect> broken;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::optional<double> value = seen[static_cast<std::size_t>(rules[i].gauge)];
    if (value && !rules[i].holds(*value)) broken.push_back({i, *value});
  }
  return broken;
}

std::vector<GuardRule> default_rules(std::int64_t slots) {
  constexpr std::int64_t kLeastFree = 5;
  constexpr std::int64_t kTwentieth = 20;
  const std::int64_t least = std::max(kLeastFree, (slots + kTwentieth - 1) / kTwentieth);
  using Op = GuardRule::Op;
  const auto stop = GuardAction::stop;
  return {{Gauge::free_slots, Op::at_least, static_cast<double>(least), stop,
           fmt::format("free_slots>={}", least), true},
          {Gauge::others_blocked_s, Op::at_most, 2, stop, "others_blocked_s<=2", true},
          {Gauge::replay_lag_s, Op::at_most, 10, stop, "replay_lag_s<=10", true}};
}

}  // namespace poolgauge::guard
