// From looks to what is done: two looks in a row must agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/guard.h"
#include "poolgauge/time.h"

namespace poolgauge::guard {

/// So many looks in a row must find a rule broken before it acts; one is enough for a stop file.
inline constexpr std::uint32_t kLooksInARow = 2;
/// From one look to the next, and from a first one that finds a rule broken to the second: what is
/// over within that time stops nobody.
inline constexpr Duration kLookEvery = std::chrono::milliseconds(500);
inline constexpr Duration kSecondLookAfter = std::chrono::seconds(1);
/// Without any look for so long the run ends: nobody watches any more.
inline constexpr Duration kLongestBlindness = std::chrono::seconds(5);

/// What a rule does at this moment.
struct Effect {
  std::size_t rule = 0;  ///< index among the rules
  double value = 0;      ///< that was seen
};

/// Judges look after look. Pure: looks are given, nothing is done.
class Decider {
 public:
  explicit Decider(std::vector<GuardRule> rules)
      : rules_(std::move(rules)), broken_(rules_.size()), effects_(rules_.size()) {}

  /// A gauge that was not seen leaves its rule as it is.
  void look(const GuardLook& seen);

  /// The rules that hold requests back now, the first that does.
  std::optional<Effect> holding() const { return first_of(GuardAction::hold); }
  std::optional<Effect> stopping() const { return first_of(GuardAction::stop); }
  /// Some rule was broken by the last look and waits for the second.
  bool doubts() const;
  const std::vector<GuardRule>& rules() const { return rules_; }

 private:
  std::optional<Effect> first_of(GuardAction action) const;

  std::vector<GuardRule> rules_;
  std::vector<std::uint32_t> broken_;           // looks in a row, by rule
  std::vector<std::optional<Effect>> effects_;  // by rule
};

/// The rules that are broken by a look on its own, for before the load.
std::vector<Effect> broken_by(const std::vector<GuardRule>& rules, const GuardLook& seen);

/// The guards of a shared server that nobody has named: free slots, locks of the load's that
/// others wait for, the lag of standbys. `slots`: those of ordinary roles in all.
std::vector<GuardRule> default_rules(std::int64_t slots);

}  // namespace poolgauge::guard
