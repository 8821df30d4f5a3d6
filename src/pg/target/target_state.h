// Whether a server can still be reached by a new connection.
#pragma once

#include <string>

#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

struct TargetState {
  /// Nothing answers, or what answers is starting up or shutting down.
  bool gone = false;
  /// What a server that is there says to a login that it refuses; empty: it lets us in. One line,
  /// with its SQLSTATE, passwords removed.
  std::string refusal;
};

/// Tries to log in once, waiting `limit` at most; nothing is known when `stop` is requested before.
TargetState state_of_target(const std::string& conninfo, const StopFlag& stop, Duration limit);

}  // namespace poolgauge
