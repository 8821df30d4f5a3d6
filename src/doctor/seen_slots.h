// The slots and the pooler in between, from the answers to A3, A4, and B1 to B3.
#pragma once

#include <optional>

#include "doctor/answers.h"
#include "doctor/slots.h"

namespace poolgauge::doctor {

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
