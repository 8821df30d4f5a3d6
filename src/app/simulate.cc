// The modelled server's slots and pooler, and the report of a run against it.
#include "app/simulate.h"

#include <optional>

#include "app/surroundings.h"
#include "assess/goals.h"
#include "engine/trial_watch.h"
#include "pg/target/budget.h"

namespace poolgauge::app {

namespace {

/// The modelled pooler, as the scenario has it.
std::optional<PoolerFacts> pooler_facts(const Scenario& scenario) {
  if (!scenario.deployment.pooler) return std::nullopt;
  const PoolSpec& spec = scenario.deployment.pooler->spec;
  PoolerFacts facts;
  facts.version = spec.choice("version");
  facts.origin = "simulated";
  facts.pool_mode = spec.choice("pool_mode");
  facts.pool_size = pool_permanent_size(spec);
  facts.max_client_conn = spec.integer("max_client_conn");
  return facts;
}

/// As many slots as the embedded server would get.
std::int64_t room_for(const Scenario& scenario) {
  return embedded_max_connections(scenario.deployment, most_in_flight(scenario));
}

}  // namespace

RunFacts simulation_facts(std::uint64_t seed, const std::string& label, const Context& context,
                          std::time_t started) {
  RunFacts facts;
  facts.tool_version = context.tool_version;
  facts.command = "simulate";
  facts.command_line = context.command_line;
  facts.started_at = iso_time(started);
  facts.label = label;
  facts.commit = commit_under_test(context.environment);
  facts.seed = seed;
  facts.interrupted = context.stop.requested();
  facts.target.kind = "simulated";
  facts.target.address = "simulated";
  return facts;
}

void add_race(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
              Measurement& simulated, const StopFlag& stop) {
  const std::string note = race_note(scenario, profile, seed, simulated, stop);
  if (!note.empty()) simulated.notes.push_back(note);
}

Report simulation_report(const Scenario& scenario, const Measurement& simulated,
                         const ServerProfile& profile, RunFacts facts) {
  facts.pool_options = options_of_pools(scenario.deployment);
  facts.target.max_connections = profile.max_connections;
  facts.target.reserved_connections = profile.reserved_connections;
  facts.target.pooler = pooler_facts(scenario);
  return make_report(scenario, simulated, facts);
}

Result<Report> simulate_scenario(const Scenario& scenario, const Model& model, std::uint64_t seed,
                                 const std::string& label, const Context& context,
                                 std::time_t started) {
  ServerProfile profile = model.profile;
  if (profile.max_connections == 0) profile.max_connections = room_for(scenario);
  const Status room = check_modelled_room(scenario, profile);
  if (!room.ok()) return room.error();
  Measurement measured = simulate(scenario, profile, seed, context.stop, ends_early_by(scenario));
  add_race(scenario, profile, seed, measured, context.stop);
  measured.unsimulated_locks = model.facts.locks;
  RunFacts facts = simulation_facts(seed, label, context, started);
  facts.target.simulation = model.facts;
  return simulation_report(scenario, measured, profile, facts);
}

}  // namespace poolgauge::app
