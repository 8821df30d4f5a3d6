// SQLite's part of a scenario, and what each of the two databases does not have.
#include "sqlite/fit.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/quantities.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge::sqlite {

namespace {

/// What of a deployment has no meaning here.
Status check_deployment(const Scenario& scenario) {
  const Deployment& deployment = scenario.deployment;
  if (!scenario.server_settings.empty()) {
    return usage_error("server.settings belong to PostgreSQL; SQLite has pragmas",
                       "move them to server.pragmas, or remove them");
  }
  if (deployment.pooler) {
    return usage_error("deployment.pooler: PgBouncer cannot stand in front of SQLite",
                       "remove deployment.pooler");
  }
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    if (pool_traits(pool.kind).postgresql_only) {
      return usage_error(
          fmt::format("pool kind \"{}\" belongs to a driver that connects to PostgreSQL only",
                      pool.kind),
          "use the kind that the application has on SQLite, such as sqlalchemy, or none");
    }
    if (pool.target == PoolTarget::replica) {
      return usage_error(
          fmt::format("pool \"{}\" is on the replica, but SQLite has none", pool.name),
          "remove \"target\" from the pool");
    }
    if (!pool.role.empty()) {
      return usage_error(fmt::format("pool \"{}\" has a role, but SQLite has none", pool.name),
                         "remove \"role\" from the pool");
    }
  }
  return success();
}

}  // namespace

Result<Scenario> adapted(const Scenario& scenario) {
  if (const Status fits = check_deployment(scenario); !fits.ok()) return fits.error();
  Scenario here = scenario;
  for (RequestSpec& request : here.requests) {
    // Who tries again after a conflict in PostgreSQL does so after one here.
    if (request.retry.covers(SqlState{"40001"}) && !request.retry.covers(SqlState{"5"})) {
      request.retry.on.push_back(SqlState{"5"});
      request.retry.on.push_back(SqlState{"517"});
    }
    for (Step& step : request.steps) {
      if (step.on_sqlite) step.sql = *step.on_sqlite;
      step.on_sqlite.reset();
    }
  }
  if (here.setup_on_sqlite) here.setup = *std::exchange(here.setup_on_sqlite, std::nullopt);
  if (here.teardown_on_sqlite) {
    here.teardown = *std::exchange(here.teardown_on_sqlite, std::nullopt);
  }
  if (!here.sqlite) here.sqlite.emplace();
  return here;
}

Status check_for_postgresql(const Scenario& scenario) {
  for (const RequestSpec& request : scenario.requests) {
    const bool locks = request.transaction == TransactionMode::immediate ||
                       request.transaction == TransactionMode::exclusive;
    if (locks) {
      return usage_error(
          "request " + request.name + ": immediate and exclusive transactions are SQLite's",
          "set \"transaction\": true to run it on PostgreSQL");
    }
    for (const Step& step : request.steps) {
      if (step.kind != StepKind::sql || !step.sql.text.empty()) continue;
      return usage_error(
          "request " + request.name + ", step " + step.name + ": there is SQL for SQLite only",
          "add \"postgresql\" to its \"sql\", or give a target such as sqlite:///dev.db");
    }
  }
  return success();
}

Status check_kind(const Scenario& scenario) {
  if (!scenario.sqlite) return check_for_postgresql(scenario);
  const Result<Scenario> here = adapted(scenario);
  return here.ok() ? success() : Status(here.error());
}

}  // namespace poolgauge::sqlite
