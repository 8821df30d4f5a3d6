// Guards from what was typed, and whether each can be seen, before the load.
#pragma once

#include <string>
#include <vector>

#include "app/requests.h"
#include "poolgauge/guard.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// Reads the expressions, the URL and the path: nothing is connected. Errors are of kind usage.
Result<std::vector<GuardRule>> guard_rules(const SafetyOptions& safety);

/// Whether these guards look at the server, through a connection of their own.
bool guards_ask_server(const SafetyOptions& safety);

/// Where the guards look, and what of it cannot be.
struct GuardPlace {
  std::string conninfo;         ///< of the server
  bool through_pooler = false;  ///< it can only be asked through a pooler of somebody else
};

/// Everything that watches the run, with --shared's own guards. One that was asked for and cannot
/// be seen is an error of kind target, one that is broken before the load begins an error of kind
/// guard; one of --shared's own that cannot be seen is omitted, and a sentence of `notes` says so.
Result<GuardOrders> guard_orders(const SafetyOptions& safety, const Scenario& scenario,
                                 const GuardPlace& place, const StopFlag& stop,
                                 std::vector<std::string>& notes);

}  // namespace poolgauge::app
