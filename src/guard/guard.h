// Guards: their expressions, when one is broken, and how much other sessions slow down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/guard.h"
#include "poolgauge/result.h"
#include "poolgauge/time.h"

namespace poolgauge::guard {

/// The name that expressions and reports use: "others_active".
std::string_view name_of(Gauge gauge);
/// Whether the gauge counts seconds.
bool is_time(Gauge gauge);

/// GAUGE OP NUMBER, where OP is <, <=, > or >=, and a number of seconds may have a unit ("500ms").
/// The error (kind usage) begins with `flag`, shows the place, and lists the gauges.
Result<GuardRule> parse_guard(std::string_view text, GuardAction action, const std::string& flag);

/// A value with the gauge's unit: "7", "2.3 s", "1.8×".
std::string value_text(Gauge gauge, double value);
/// "others_active was 7".
std::string seen_text(Gauge gauge, double value);

// From looks to what is done: two looks in a row must agree.

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

// How long transactions of others take, by Little's law: how many run at a time, over how many end
// in a second.

/// What a look saw of the database's own counters.
struct Traffic {
  double at_s = 0;           ///< on any clock
  double others_active = 0;  ///< statements of others that ran
  double all = 0;            ///< transactions of the database, counted by the server
  double ours = 0;           ///< of these, counted by the load
};

/// The mean over the latest looks.
class OthersTime {
 public:
  void add(const Traffic& seen);
  /// In milliseconds; nothing with fewer than three looks, when others ended fewer than five
  /// transactions, or when theirs are less than a tenth of the load's: the difference of two large
  /// counters tells nothing then.
  std::optional<double> mean_ms() const;

 private:
  static constexpr std::size_t kKept = 6;
  std::vector<Traffic> seen_;
};

}  // namespace poolgauge::guard
