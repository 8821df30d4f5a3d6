// Adapting a scenario to a pooler in front of the server, and detecting one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/target/pooler_console.h"
#include "pg/target/target_info.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// The scenario as it can be run through the pooler: where prepared statements are not tracked in
/// this mode they are sent unprepared, and a note says so. What changes a session for longer than a
/// transaction is named in a note and left alone.
struct FittedScenario {
  Scenario scenario;
  std::vector<std::string> notes;
  bool unprepared = false;  ///< statements that the scenario would have prepared are not
};
/// `target`: only the steps of pools that connect there.
FittedScenario fit_to_pooler(const Scenario& scenario, const PoolerInfo& pooler,
                             PoolTarget target = PoolTarget::primary);

/// What cannot work through a pooler in this mode, of kind usage: transactions in statement mode,
/// pools that say SET ROLE once for each connection in any but session mode.
Status check_pooler_mode(const Scenario& scenario, const PoolerInfo& pooler, PoolTarget target);

/// A pooler that runs already and is the target itself.
struct GivenPooler {
  PoolerInfo info;
  std::string console;   ///< empty: we are not let in
  std::string database;  ///< by which it counts
  std::string note;      ///< why its counters are not seen, and what that leaves open
};
/// `otherwise`: what the scenario says of it, taken where its console does not let us in. An error
/// when the target is no PgBouncer.
Result<GivenPooler> meet_pooler(const std::string& conninfo, const PoolSpec& otherwise,
                                const StopFlag& stop);

/// Detects a pooler that was not named: the backend that serves the target is not the one that
/// answered the login. Read from its console, else from its behavior; unknown sizes are 0.
Result<GivenPooler> notice_pooler(const std::string& conninfo, const StopFlag& stop);

/// The noticed pooler as a scenario would name it, so that advice and simulations know of it;
/// nothing where its sizes are unknown, or where the scenario's pools are more than a scenario
/// may put behind one.
std::optional<Pooler> as_deployed(const PoolerInfo& pooler, const Deployment& deployment);

/// Where the pooler may open more connections than the role, the database or the server allows;
/// empty: it fits, or its size is unknown.
std::string beyond_server_note(const PoolerInfo& pooler, const TargetInfo& target);

}  // namespace poolgauge
