// Loads in stages: arrival times of a changing rate, and the presence of each user.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "poolgauge/load.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Later than any run's end, and early enough to be added to a time.
inline constexpr Duration kNotInThisLife = std::chrono::hours(24 * 365 * 100);

/// The inverse of a staged rate's integral. The last level goes on forever.
class StagedRate {
 public:
  /// `share`: which part of each level counts here.
  StagedRate(const std::vector<Stage>& stages, double share);
  /// When the count of requests due passes `count`; kNotInThisLife when it never does. `count` must
  /// not decrease from call to call.
  Duration time_of(double count);

 private:
  struct Piece {
    double begin_s;
    double length_s;
    double from_per_s, to_per_s;
    double count_before;  // due before the piece
    double count_after;
  };
  static double within(const Piece& piece, double count);
  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
};

/// A stay of one user, from joining until leaving.
struct Presence {
  Duration from{0};
  Duration until{0};  ///< kNotInThisLife: stays
};
/// The first stay that ends after `after`, without what lies before that. User n (from 0) is there
/// while the level is at least n + 1.
std::optional<Presence> next_presence(const std::vector<Stage>& stages, std::uint32_t user,
                                      Duration after);

}  // namespace poolgauge
