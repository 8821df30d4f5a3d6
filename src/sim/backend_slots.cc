// In the order of PostgreSQL's own checks: a slot at all, the role's limit, the reserved slots, the
// database's limit.
#include "sim/backend_slots.h"

#include <algorithm>

namespace poolgauge {

namespace {

constexpr const char* kFull = "sorry, too many clients already";
// PostgreSQL 16 and later; 15 says "for non-replication superuser connections".
constexpr const char* kReserved =
    "remaining connection slots are reserved for roles with the SUPERUSER attribute";

}  // namespace

std::string BackendSlots::take(const std::string& role) {
  const bool limited = profile_.max_connections > 0;
  if (limited && open_ >= profile_.max_connections) return kFull;
  if (!role.empty()) {
    const auto own = std::find_if(profile_.roles.begin(), profile_.roles.end(),
                                  [&role](const auto& limit) { return limit.name == role; });
    if (own != profile_.roles.end() && own->most >= 0 && roles_[role] >= own->most) {
      return "too many connections for role \"" + role + "\"";
    }
  }
  if (limited && open_ >= profile_.max_connections - profile_.reserved_connections) {
    return kReserved;
  }
  const ServerProfile::Limit& database = profile_.database;
  if (!role.empty() && database.most >= 0 && open_ >= database.most) {
    return "too many connections for database \"" + database.name + "\"";
  }
  ++open_;
  if (!role.empty()) ++roles_[role];
  return "";
}

void BackendSlots::leave(const std::string& role) {
  --open_;
  if (!role.empty()) --roles_[role];
}

}  // namespace poolgauge
