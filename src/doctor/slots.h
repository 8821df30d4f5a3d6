// The connection slots of a server, and what was seen of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "doctor/answers.h"

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

// The slots and the pooler in between, from the answers to A3, A4, and B1 to B3.

inline SlotLimits slots_of(const DoctorFacts& facts) {
  const Row server = first_row(facts.first, "B1");
  const Row role = first_row(facts.first, "B2");
  const Row database = first_row(facts.first, "B3");
  SlotLimits slots;
  slots.server = {server.whole("max_connections") - server.whole("superuser_reserved") -
                      server.whole("reserved"),
                  server.whole("clients")};
  if (role.flag("rolsuper")) return slots;
  if (role.number_or("rolconnlimit", -1) >= 0) {
    slots.role = Slots{role.whole("rolconnlimit"), role.whole("in_use")};
  }
  if (database.number_or("datconnlimit", -1) >= 0) {
    slots.database = Slots{database.whole("datconnlimit"), database.whole("in_use")};
  }
  return slots;
}

/// The backend that accepted our login is not the one that serves us.
inline bool is_through_pooler(const DoctorFacts& facts) {
  return facts.first_pid != 0 &&
         (facts.startup_pid != facts.first_pid || facts.first_pid != facts.second_pid);
}

/// What the planned pools open on the server itself: nothing is known of it behind a pooler, which
/// takes their connections and opens its own.
inline std::optional<std::int64_t> planned_on_server(const Case& c) {
  return is_through_pooler(c.facts) ? std::nullopt : c.plan.connections;
}

}  // namespace poolgauge::doctor
