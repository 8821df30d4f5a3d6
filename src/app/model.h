// The modeled server that --simulated and `simulate` play against: its costs, its slots, and the
// words for what it takes for granted.
#pragma once

#include <functional>
#include <string>

#include "advise/fleet.h"
#include "app/context.h"
#include "app/requests.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"

namespace poolgauge::app {

/// What a command says of the server to model.
struct ModelWishes {
  const CostOptions& costs;
  unsigned cores = 0;  ///< 0: not said
  /// What --calibrate asks for: the report of a run that measured the scenario's statements.
  std::function<Result<Report>(const Scenario&)> measured_costs = {};
};

/// The server and what is said of it.
struct Model {
  ServerProfile profile;
  SimulationFacts facts;
};

/// The scenario as its costs are measured: one user in one process, every request as often as the
/// others, no holds, no pauses, no goals, a few seconds.
Scenario cost_scenario(const Scenario& scenario);

/// With the scenario's slots and limits. Measures first where --calibrate asks for it and nothing
/// is cached; errors are those of a run.
Result<Model> make_model(const ModelWishes& wishes, const StopFlag& stop, const Scenario& scenario);

/// What a scenario's server settings and setup say of slots; max_connections stays 0 where they do
/// not name it.
void set_slots(ServerProfile& profile, const Scenario& scenario);

/// Sets how far the standby lags, where --replica-lag says so. An error where no pool reads from
/// one, and where a run would refuse it, which waits 30 s for a standby to catch up.
Status set_replica_lag(ServerProfile& profile, const CostOptions& costs, const Scenario& scenario);

/// What the primary pool finds on the modeled server.
ServerSlots modelled_slots(const ServerProfile& profile, const Scenario& scenario);

/// Whether the scenario's pools fit, as a run checks it before its load: the same arithmetic and
/// the same words.
Status check_modelled_room(const Scenario& scenario, const ServerProfile& profile);

}  // namespace poolgauge::app
