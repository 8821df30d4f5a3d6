// Who else uses a server that is about to be loaded, and what our sessions there may be told.
#pragma once

#include <cstdint>
#include <string>

#include "pg/session/control_connection.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// What one connection saw.
struct OtherUsers {
  std::string host, database;
  std::string options;           ///< libpq's `options` of the connection, whatever gave them
  std::int64_t others = 0;       ///< sessions of other users, by user and application
  std::int64_t busy_others = 0;  ///< of these: changed their state within the last minute
  std::int64_t sessions = 0;     ///< of anybody but us
  bool sees_all = true;
  double foreign_per_s = 0;  ///< transactions in our database during a second, not ours
  /// Settings that end our sessions when this program vanishes, as "-c name=value"; empty through
  /// a pooler, or where the server has none of them.
  std::string leave_nothing;
};

/// A second is waited for only where somebody else is connected. A server that does not answer the
/// question has no others. Errors: the server cannot be reached, or a stop request. `in_parts`:
/// other parts of this run are not others; while they are connected, transactions cannot be told
/// apart.
Result<OtherUsers> look_for_others(const std::string& conninfo, bool through_pooler,
                                   const StopFlag& stop, bool in_parts = false);

}  // namespace poolgauge
