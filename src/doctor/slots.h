// How many connections are available, from the answers of B1 to B3.
#pragma once

#include <optional>
#include <string>

#include "doctor/answers.h"

namespace poolgauge::doctor {

/// The slots that one limit leaves.
struct Slots {
  std::int64_t limit = 0, in_use = 0;
  std::int64_t free() const { return limit - in_use; }
};

/// max_connections without what is reserved.
inline Slots server_slots(const DoctorFacts& facts) {
  const Row row = first_row(facts.first, "B1");
  return {row.whole("max_connections") - row.whole("superuser_reserved") - row.whole("reserved"),
          row.whole("clients")};
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

/// Of our role; nullopt: it has no limit, or is a superuser, whom no limit binds.
inline std::optional<Slots> role_slots(const DoctorFacts& facts) {
  const Row row = first_row(facts.first, "B2");
  if (row.flag("rolsuper") || row.number_or("rolconnlimit", -1) < 0) return std::nullopt;
  return Slots{row.whole("rolconnlimit"), row.whole("in_use")};
}

/// Of the database; limits below 0 are none here.
inline std::optional<Slots> database_slots(const DoctorFacts& facts) {
  const Row row = first_row(facts.first, "B3");
  if (row.number_or("datconnlimit", -1) < 0) return std::nullopt;
  if (first_row(facts.first, "B2").flag("rolsuper")) return std::nullopt;
  return Slots{row.whole("datconnlimit"), row.whole("in_use")};
}

}  // namespace poolgauge::doctor
