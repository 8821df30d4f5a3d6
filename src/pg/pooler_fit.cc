// Fitting a scenario to the pooler before it.
#include "pg/pooler_fit.h"

#include <algorithm>

#include <fmt/core.h>

#include "pg/conninfo.h"
#include "pg/target_info.h"

namespace poolgauge {
namespace {

std::string unprepared_note(const PoolerInfo& pooler) {
  const std::string who = pooler.version.empty() ? "This PgBouncer" : "PgBouncer " + pooler.version;
  return fmt::format(
      "{} does not track prepared statements in {} mode: each statement is sent unprepared, parsed "
      "and planned anew each time. Prepared ones need PgBouncer 1.21 or later with "
      "max_prepared_statements above 0.",
      who, pooler.pool_mode);
}

PoolerInfo as_told(const PoolSpec& spec) {
  PoolerInfo info;
  info.pool_mode = spec.choice("pool_mode");
  info.pool_size = pool_permanent_size(spec);
  info.reserve_pool_size = spec.integer("reserve_pool_size");
  info.max_client_conn = spec.integer("max_client_conn");
  info.max_prepared_statements = spec.integer("max_prepared_statements");
  return info;
}

}  // namespace

FittedScenario fit_to_pooler(const Scenario& scenario, const PoolerInfo& pooler) {
  FittedScenario fitted{scenario, {}};
  if (pooler.pool_mode == "session" || pooler.tracks_prepared()) return fitted;
  bool changed = false;
  for (RequestSpec& request : fitted.scenario.requests) {
    for (Step& step : request.steps) {
      if (step.kind != StepKind::sql || step.protocol != Protocol::prepared) continue;
      step.protocol = Protocol::extended;
      changed = true;
    }
  }
  if (changed) fitted.notes.push_back(unprepared_note(pooler));
  return fitted;
}

Result<GivenPooler> meet_pooler(const std::string& conninfo, const PoolSpec& otherwise,
                                const StopFlag& stop) {
  GivenPooler given;
  given.info = as_told(otherwise);
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  given.database = PQdb(connection.value().raw());
  const std::string console = console_of(conninfo);
  Result<PoolerConsole> opened = PoolerConsole::open(console, stop);
  Result<PoolerInfo> info = opened ? opened.value().info(given.database) : opened.error();
  if (info) {
    given.info = std::move(info).value();
    // Our two connections of this moment are in it; one of them will be there again, to watch.
    given.info.clients = std::max<std::int64_t>(0, given.info.clients - 1);
    given.console = console;
    return given;
  }
  if (info.error().kind == ErrorKind::interrupted) return info.error();
  const Result<TargetInfo> target = read_target_info(conninfo, stop);
  if (!target) return target.error();
  if (!target.value().through_pooler) {
    return Error{ErrorKind::target,
                 fmt::format("deployment.pooler says that the target is a PgBouncer, but {} is "
                             "PostgreSQL itself",
                             scrub(describe(conninfo), conninfo)),
                 "name PgBouncer's host and port with --target, or take the pooler out of the "
                 "scenario"};
  }
  given.note =
      "PgBouncer's counters are not seen: its admin console does not let this user in (stats_users "
      "or admin_users). Mode and sizes are those that the scenario names.";
  return given;
}

}  // namespace poolgauge
