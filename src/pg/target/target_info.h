// What a server reports before the load: version, available slots, settings, and our role.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "doctor/slots.h"
#include "pg/session/control_connection.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

struct TargetInfo {
  std::string server_version;  ///< "15.8"
  std::int64_t max_connections = 0;
  /// superuser_reserved_connections, and reserved_connections where they exist (from 16): kept out
  /// of the budget even if we are a superuser, since administrators need them.
  std::int64_t reserved_connections = 0;
  std::int64_t in_use = 0;  ///< client backends at this moment, our own not counted
  /// CONNECTION LIMIT of our role and of the database, and what they use now; -1: no limit. They
  /// do not bind a superuser.
  std::int64_t role_limit = -1;
  std::int64_t role_in_use = 0;
  std::int64_t database_limit = -1;
  std::int64_t database_in_use = 0;
  std::string role, database;  ///< those we came in as
  bool superuser = false;
  bool in_recovery = false;     ///< a standby: nothing can be written
  bool through_pooler = false;  ///< something between us and the server answers in its name
  std::vector<std::pair<std::string, std::string>> settings;  ///< those visible to us, with units
  /// Every limit that binds our connections, as doctor has them.
  doctor::SlotLimits slots() const;
};

/// One connection, a few queries: those of doctor's B1 to B3 among them. The error is of kind
/// target (or interrupted), with the server's words and the cure.
Result<TargetInfo> read_target_info(const std::string& conninfo, const StopFlag& stop,
                                    const ControlLimits& patience = {});

}  // namespace poolgauge
