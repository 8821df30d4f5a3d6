// A standby that serves reads: whether it is one, and whether it has caught up.
#pragma once

#include <string>

#include "pg/target/target_info.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// An error unless the server is in recovery, as a standby always is.
Status check_is_replica(const TargetInfo& info, const std::string& conninfo);

/// Waits until the replica has replayed what the primary has written by now: the data of the setup
/// and its roles. The error after 30 s says how far it is behind.
Status wait_caught_up(const std::string& primary, const std::string& replica, const StopFlag& stop);

}  // namespace poolgauge
