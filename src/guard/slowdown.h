// How long transactions of others take, by Little's law: how many run at a time, over how many end
// in a second.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace poolgauge::guard {

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
