// What a scenario must do without because of the pooler that was met, and who met it.
#pragma once

#include <string>
#include <vector>

#include "pg/pooler_console.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// The scenario as it can be run through the pooler: where prepared statements are not tracked in
/// this mode they are sent unprepared, and a note says so.
struct FittedScenario {
  Scenario scenario;
  std::vector<std::string> notes;
};
FittedScenario fit_to_pooler(const Scenario& scenario, const PoolerInfo& pooler);

/// A pooler that runs already and is the target itself.
struct GivenPooler {
  PoolerInfo info;
  std::string console;   ///< empty: we are not let in
  std::string database;  ///< by which it counts
  std::string note;      ///< why its counters are not seen
};
/// `otherwise`: what the scenario says of it, taken where its console does not let us in. An error
/// when the target is no PgBouncer.
Result<GivenPooler> meet_pooler(const std::string& conninfo, const PoolSpec& otherwise,
                                const StopFlag& stop);

}  // namespace poolgauge
