// Costs from options, slots from the scenario.
#include "app/model.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "app/simulate.h"
#include "app/world.h"
#include "assess/sentences.h"
#include "base/text.h"
#include "engine/trial_watch.h"
#include "pg/server/embedded_pooler.h"
#include "pg/target/budget.h"
#include "pg/target/pool_places.h"
#include "poolgauge/simulate.h"
#include "scenario/read/resolve.h"
#include "sqlite/fit.h"
#include "sqlite/locks_backend.h"

namespace poolgauge::app {

namespace {

/// What `run` itself spends on one exchange: 1.25 s of processor time for 209,000 statements of
/// select-only, one user, embedded PostgreSQL 15.
constexpr Duration kClientWork = std::chrono::microseconds(6);

std::int64_t setting(const Scenario& scenario, const std::string& wanted, std::int64_t otherwise) {
  for (const auto& [name, value] : scenario.server_settings) {
    if (name == wanted) return std::strtoll(value.c_str(), nullptr, 10);
  }
  return otherwise;
}

bool logs_in(const DeployedPool& pool) {
  return !pool.role.empty() && pool.role_by == RoleBy::connect;
}

/// The modelled server as a role finds it; empty: as a superuser.
TargetInfo target_info(const ServerProfile& profile, const std::string& role) {
  TargetInfo info;
  info.max_connections = profile.max_connections;
  info.reserved_connections = profile.reserved_connections;
  info.superuser = role.empty();
  info.database_limit = profile.database.most;
  for (const ServerProfile::Limit& limit : profile.roles) {
    if (limit.name == role) info.role_limit = limit.most;
  }
  return info;
}

/// The pools that log in as this role on this server.
PoolSelection logins_as(const Deployment& deployment, PoolTarget target, const std::string& role) {
  PoolSelection found;
  for (const std::uint32_t index : pools_on(deployment, target)) {
    const DeployedPool& pool = deployment.pool_at(index);
    if (logs_in(pool) && pool.role == role) found.push_back(index);
  }
  return found;
}

Status check_logins(const Scenario& scenario, const ServerProfile& profile) {
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    if (!logs_in(pool)) continue;
    const Status room =
        check_budget(deployment, most_in_flight(scenario), 0, target_info(profile, pool.role),
                     logins_as(deployment, pool.target, pool.role));
    if (!room.ok()) return with_load_hint(room, scenario);
  }
  return success();
}

std::size_t statements_of(const Scenario& scenario) {
  std::size_t count = 0;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) count += step.kind == StepKind::sql ? 1 : 0;
  }
  return count;
}

/// "BEGIN 15 µs, COMMIT 60 µs, connect 2.5 ms (longer if many connect at once), per round trip 40
/// µs of network and 6 µs of client CPU, 2 cores"
std::string server_words(const ServerProfile& profile) {
  const Duration connect = profile.connect_work + profile.connect_delay;
  return fmt::format(
      "BEGIN {}, COMMIT {}, connect {} (longer if many connect at once), per round trip {} of "
      "network and {} of client CPU, {} "
      "core{}",
      human_duration(profile.begin_work), human_duration(profile.commit_work),
      human_duration(connect), human_duration(profile.round_trip),
      human_duration(profile.client_work), profile.cores, profile.cores == 1 ? "" : "s");
}

bool all_have_costs(const Scenario& scenario) {
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      if (step.kind == StepKind::sql && !step.cost) return false;
    }
  }
  return true;
}

SimulationFacts facts_of(const Scenario& scenario, const ServerProfile& profile) {
  const std::size_t unknown = steps_without_cost(scenario, profile).size();
  const std::size_t all = statements_of(scenario);
  SimulationFacts facts;
  facts.costs = unknown > 0 ? "assumed" : "given";
  std::string statements;
  if (unknown > 0) {
    statements =
        fmt::format("assumes {} per statement{}", human_duration(profile.statement_work),
                    unknown < all ? fmt::format(" that has no cost ({} of {})", unknown, all) : "");
  } else if (profile.statement_cost && all_have_costs(scenario)) {
    statements =
        "uses the statement costs in the scenario (every statement has one, so --statement-cost "
        "has no effect)";
  } else if (profile.statement_cost) {
    statements = fmt::format("assumes {} per statement that has no cost",
                             human_duration(*profile.statement_cost));
  } else {
    statements = "uses the statement costs in the scenario";
  }
  facts.assumes = statements + ", " + server_words(profile);
  return facts;
}

/// What it does not have comes first.
void add_locks(const Scenario& scenario, const ServerProfile& profile, SimulationFacts& facts) {
  if (profile.in_front) return;  // SQLite's one lock is modeled
  facts.locks = steps_on_same_rows(scenario);
  if (facts.locks.empty()) return;
  facts.assumes = fmt::format("the model has no locks, but this scenario waits for them ({}); {}",
                              facts.locks, facts.assumes);
}

Result<Model> measured_model(const ModelWishes& wishes, const StopFlag& stop,
                             const Scenario& scenario) {
  const Result<Report> costs = wishes.measured_costs(scenario);
  if (!costs.ok()) return costs.error();
  const Report& report = costs.value();
  const Scenario alone = cost_scenario(scenario);
  Scenario asked = scenario;
  if (report.target.kind == "sqlite" && !asked.sqlite) asked.sqlite.emplace();
  const CalibratedQuestion question{report, alone, asked, fit_server(report.calibration)};
  const unsigned seen = report.calibration.cores;
  const double scale =
      wishes.cores > 0 && seen > 0 ? static_cast<double>(wishes.cores) / seen : 1.0;
  Model model;
  model.profile =
      calibrated_profile(question, unseen_per_exchange(question, stop), Deviation{0, 0, scale});
  if (wishes.cores > 0) model.profile.cores = wishes.cores;
  set_slots(model.profile, scenario);
  if (report.target.kind == "server") {
    model.profile.reserved_connections = report.target.reserved_connections;
  }
  model.facts = facts_of(scenario, model.profile);
  if (model.facts.costs == "assumed") return model;
  model.facts.costs = "measured";
  model.facts.assumes =
      fmt::format("uses the costs measured with one user on {} {} ({}) at {}, {} core{}",
                  report.target.kind == "sqlite" ? "SQLite" : "PostgreSQL",
                  report.target.server_version, report.target.address, report.started_at,
                  model.profile.cores, model.profile.cores == 1 ? "" : "s");
  return model;
}

}  // namespace

void set_slots(ServerProfile& profile, const Scenario& scenario) {
  constexpr std::int64_t kReserved = 3;  // PostgreSQL's default
  if (profile.max_connections == 0) profile.max_connections = max_connections_of(scenario);
  profile.reserved_connections = setting(scenario, "superuser_reserved_connections", kReserved) +
                                 setting(scenario, "reserved_connections", 0);
  const ConnectionLimits limits = connection_limits(scenario);
  for (const auto& [name, most] : limits.roles) profile.roles.push_back({name, most});
  const auto database = limits.databases.find(kEmbeddedDatabase);
  if (database != limits.databases.end()) profile.database = {database->first, database->second};
}

Status set_replica_lag(ServerProfile& profile, const CostOptions& costs, const Scenario& scenario) {
  if (!costs.replica_lag) return success();
  if (!scenario.deployment.uses(PoolTarget::replica)) {
    return usage_error("--replica-lag: no pool of the scenario uses a replica",
                       "set \"target\": \"replica\" on a pool, or remove --replica-lag");
  }
  constexpr Duration kRunsPatience = std::chrono::seconds(30);
  if (*costs.replica_lag > kRunsPatience) {
    return usage_error(
        fmt::format("--replica-lag {}: a run refuses a replica that has not caught up within {}",
                    format_duration(*costs.replica_lag), format_duration(kRunsPatience)),
        fmt::format("use at most --replica-lag {}", format_duration(kRunsPatience)));
  }
  profile.replica_lag = *costs.replica_lag;
  return success();
}

ServerSlots modelled_slots(const ServerProfile& profile, const Scenario& scenario) {
  const DeployedPool& pool = scenario.deployment.pool;
  return slots_of(target_info(profile, logs_in(pool) ? pool.role : ""), 0);
}

Status check_modelled_room(const Scenario& scenario, const ServerProfile& profile) {
  if (profile.max_connections == 0) return success();
  const Deployment& deployment = scenario.deployment;
  const TargetInfo info = target_info(profile, "");
  if (deployment.pooler) {
    PoolerInfo pooler;
    pooler.pool_size = pool_permanent_size(deployment.pooler->spec);
    pooler.reserve_pool_size = deployment.pooler->spec.integer("reserve_pool_size");
    pooler.max_client_conn = deployment.pooler->spec.integer("max_client_conn");
    const Status room =
        check_pooler_budget(deployment, most_in_flight(scenario), 0, info, pooler, true);
    return with_load_hint(room, scenario);
  }
  for (const PoolTarget target : {PoolTarget::primary, PoolTarget::replica}) {
    if (!deployment.uses(target)) continue;
    const Status room = check_room(scenario, target, info, 0);
    if (room.ok()) continue;
    if (target == PoolTarget::primary) return room;
    return Error{room.error().kind, "on the replica: " + room.error().message, room.error().hint};
  }
  return check_logins(scenario, profile);
}

namespace {

Result<Model> unlagged_model(const ModelWishes& wishes, const StopFlag& stop,
                             const Scenario& scenario) {
  if (wishes.costs.calibrate) {
    Result<Model> measured = measured_model(wishes, stop, scenario);
    if (measured.ok()) add_locks(scenario, measured.value().profile, measured.value().facts);
    return measured;
  }
  if (const Status fits = sqlite::check_kind(scenario); !fits.ok()) return fits.error();
  Model model;
  model.profile.client_work = kClientWork;
  model.profile.statement_cost = wishes.costs.statement_cost;
  if (wishes.cores > 0) model.profile.cores = wishes.cores;
  set_slots(model.profile, scenario);
  sqlite::put_locks(model.profile, scenario);
  model.facts = facts_of(scenario, model.profile);
  add_locks(scenario, model.profile, model.facts);
  return model;
}

}  // namespace

Scenario cost_scenario(const Scenario& scenario) {
  Scenario alone = scenario;
  for (RequestSpec& request : alone.requests) {
    request.weight = 1;
    for (Step& step : request.steps) {
      if (step.kind == StepKind::sql) continue;
      step.time = FixedDuration{};
      step.time_variable.reset();
    }
  }
  ClosedLoad load;
  load.users = 1;
  alone.load = load;
  alone.warmup = std::chrono::seconds(1);
  alone.warmup_auto = false;
  alone.duration = std::chrono::seconds(3);
  alone.deadline.reset();
  alone.goals.clear();
  alone.deployment.instances = alone.deployment.processes = 1;
  if (alone.deployment.pooler && !alone.deployment.pooler->given) alone.deployment.pooler.reset();
  alone.resolved_json = resolved(alone);
  return alone;
}

Result<Model> make_model(const ModelWishes& wishes, const StopFlag& stop,
                         const Scenario& scenario) {
  Result<Model> model = unlagged_model(wishes, stop, scenario);
  if (!model.ok()) return model;
  const Status lags = set_replica_lag(model.value().profile, wishes.costs, scenario);
  if (!lags.ok()) return lags.error();
  return model;
}

}  // namespace poolgauge::app
