// Looks at a live server's sessions and counters for `observe`: one connection, SELECT only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pg/observe/observe_statements.h"
#include "poolgauge/observe.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

struct ObserveWishes {
  Duration length = std::chrono::minutes(5);
  Duration interval = std::chrono::milliseconds(100);  ///< between looks, ± half of it at random
  Duration batch = std::chrono::seconds(5);            ///< between two readings of the counters
  std::uint64_t seed = 1;                              ///< of the jitter
  bool statements = false;                             ///< read pg_stat_statements at both ends
  std::string console = {};                            ///< PgBouncer's; empty: none
  std::function<void(const ObserveServer&)> met;       ///< once, before the first look
  std::function<void(double elapsed_s)> progress;      ///< after each look; may be empty
};

struct ObserveEnd {
  ObserveServer server;
  ObserveCost cost;
  bool interrupted = false;
  std::vector<ObservedStatement> statements;  ///< of the target's database
  std::string lost;         ///< why it ended early: the server did not come back; empty: it did not
  std::string no_counters;  ///< why counters are missing; empty: none is
  std::string no_console;   ///< the same of PgBouncer's console
};

/// Watches until `length` is over or `stop` is requested. A connection that is lost is opened
/// again for up to 30 s; the sink is told of the gap. Looks are taken less often where they would
/// cost more than 0.5 % of a core, there or here. The error (kind target, usage or interrupted) is
/// that of a server that cannot be reached or whose sessions this role may not see.
Result<ObserveEnd> watch_sessions(const std::string& conninfo, const ObserveWishes& wishes,
                                  const StopFlag& stop, ObserveSink& sink);

}  // namespace poolgauge
