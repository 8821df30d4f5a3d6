// How many connections are available: max_connections, and the limits of our role and database.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace poolgauge::doctor {

/// The slots that one limit leaves.
struct Slots {
  std::int64_t limit = 0, in_use = 0;
  std::int64_t free() const { return limit - in_use; }
};

enum class SlotsOf : std::uint8_t { server, role, database };

/// Every limit that binds our connections. Role and database: nullopt without a limit, and for a
/// superuser, whom none binds.
struct SlotLimits {
  Slots server;  ///< max_connections without what is reserved
  std::optional<Slots> role, database;

  /// The limit that leaves the fewest.
  std::pair<Slots, SlotsOf> tightest() const {
    std::pair<Slots, SlotsOf> least{server, SlotsOf::server};
    if (role && role->free() < least.first.free()) least = {*role, SlotsOf::role};
    if (database && database->free() < least.first.free()) least = {*database, SlotsOf::database};
    return least;
  }
  /// What the limits of role and database alone leave, at least 0; nullopt: they have none.
  std::optional<std::int64_t> own_free() const {
    std::optional<std::int64_t> least;
    for (const std::optional<Slots>& own : {role, database}) {
      if (own && (!least || own->free() < *least)) least = std::max<std::int64_t>(own->free(), 0);
    }
    return least;
  }
};

}  // namespace poolgauge::doctor
