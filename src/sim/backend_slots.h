// The modeled server's connection slots, and its errors when none is free.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "poolgauge/server_profile.h"

namespace poolgauge {

/// Counts connections, those being made included, as PostgreSQL does: a backend takes its slot
/// before it does anything else.
class BackendSlots {
 public:
  explicit BackendSlots(const ServerProfile& profile) : profile_(profile) {}

  /// Takes a slot, or says why there is none, in the server's own words; empty: taken. `role`: whom
  /// the pool logs in as; empty: a superuser, whom the limits of roles and databases do not bind,
  /// though it counts in the database's.
  std::string take(const std::string& role);
  /// Frees the slot.
  void leave(const std::string& role);

 private:
  const ServerProfile& profile_;
  std::int64_t open_ = 0;
  std::map<std::string, std::int64_t> roles_;  ///< open by role
};

}  // namespace poolgauge
