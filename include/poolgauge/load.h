// Workload models: users, a rate, bursts, stages of either, or a recorded schedule.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "poolgauge/distribution.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// A fixed number of users; each thinks, requests, thinks, ...
struct ClosedLoad {
  std::uint32_t users = 1;
  DurationSpec think;
};
/// Requests start by the schedule, whether or not earlier ones have ended.
struct OpenLoad {
  double rate_per_s = 0;
  bool poisson = true;
};
/// `size` requests at once, every `every`, the first at time zero. With an `every` of zero only
/// once, at `once_at` (the start of the window).
struct BurstLoad {
  std::uint32_t size = 0;
  Duration every{0};
  Duration once_at{0};
};

/// One stretch of a load that changes. With `ramp` it gets to its level linearly, from that of
/// the previous stage (from 0 in the first); without, at once. The last level stays.
struct Stage {
  Duration length{0};  ///< above zero
  double level = 0;    ///< users (whole), or requests per second
  bool ramp = false;
};
/// Users who join and leave. A user that leaves finishes its request first.
struct UserStages {
  std::vector<Stage> stages;  ///< at least one with users
  DurationSpec think;
};
/// A rate that changes.
struct RateStages {
  std::vector<Stage> stages;  ///< at least one above 0
  bool poisson = true;
};

/// Chosen by the weights of the scenario's requests.
inline constexpr std::uint32_t kAnyRequest = UINT32_MAX;
/// The load does not count its requests kind by kind.
inline constexpr std::uint32_t kNoTurn = UINT32_MAX;

/// Requests scheduled by a file.
struct ReplayLoad {
  struct Arrival {
    Duration at{0};  ///< since the start of the load, `speed` applied; never decreases
    std::uint32_t request = kAnyRequest;  ///< index into Scenario::requests
    std::uint32_t turn = kNoTurn;  ///< how many of the same request came before; none: any request
  };
  std::string file;
  double speed = 1;                                      ///< 2: in half the time
  std::shared_ptr<const std::vector<Arrival>> arrivals;  ///< at least one
};

using Load = std::variant<ClosedLoad, OpenLoad, BurstLoad, UserStages, RateStages, ReplayLoad>;

inline Duration total_length(const std::vector<Stage>& stages) {
  Duration total{0};
  for (const Stage& stage : stages) total += stage.length;
  return total;
}
inline double highest_level(const std::vector<Stage>& stages) {
  double highest = 0;
  for (const Stage& stage : stages) highest = std::max(highest, stage.level);
  return highest;
}
/// Concurrent users, where the load bounds them.
inline std::optional<std::int64_t> most_users(const Load& load) {
  if (const auto* closed = std::get_if<ClosedLoad>(&load)) return closed->users;
  if (const auto* staged = std::get_if<UserStages>(&load)) {
    return static_cast<std::int64_t>(highest_level(staged->stages));
  }
  return std::nullopt;
}

}  // namespace poolgauge
