// Connection strings of pools, and trying them out.
#include "pg/target/pool_places.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.h"
#include "engine/trial_watch.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/control_connection.h"
#include "pg/target/budget.h"
#include "pg/target/target_info.h"

namespace poolgauge {
namespace {

bool logs_in_as_role(const DeployedPool& pool) {
  return !pool.role.empty() && pool.role_by == RoleBy::connect;
}

/// The pools that log in where and as whom this one does.
PoolSelection with_same_login(const Deployment& deployment, const DeployedPool& pool) {
  PoolSelection same;
  for (const std::uint32_t index : pools_on(deployment, pool.target)) {
    const DeployedPool& other = deployment.pool_at(index);
    const bool as_role = logs_in_as_role(other);
    if (as_role == logs_in_as_role(pool) && (!as_role || other.role == pool.role)) {
      same.push_back(index);
    }
  }
  return same;
}

PoolSelection without_role(const Deployment& deployment, const PoolSelection& pools) {
  PoolSelection found;
  for (const std::uint32_t index : pools) {
    if (!logs_in_as_role(deployment.pool_at(index))) found.push_back(index);
  }
  return found;
}

Error login_error(const DeployedPool& pool, const Error& why) {
  if (why.kind == ErrorKind::interrupted) return why;
  return Error{why.kind,
               fmt::format("pool \"{}\" cannot connect as role \"{}\"\n  {}", pool.name, pool.role,
                           why.message),
               fmt::format("create it with CREATE ROLE {} LOGIN (data.setup can do that) and put "
                           "its password into .pgpass, or use \"role_by\": \"set role\"",
                           quoted_identifier(pool.role))};
}

/// Logs in as the pool does, and asks what its role is allowed.
Status check_login(const Scenario& scenario, const DeployedPool& pool, const std::string& conninfo,
                   std::int64_t probes, const StopFlag& stop) {
  const Result<TargetInfo> info = read_target_info(conninfo, stop);
  if (!info) return login_error(pool, info.error());
  // The role's limit binds the pooler's connections, not the pool's.
  if (info.value().through_pooler) return success();
  const PoolSelection pools = with_same_login(scenario.deployment, pool);
  const Status room =
      check_budget(scenario.deployment, most_in_flight(scenario), probes, info.value(), pools);
  return with_load_hint(room, scenario);
}

Status check_set_role(const DeployedPool& pool, const std::string& conninfo, const StopFlag& stop) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  const ControlReply reply = connection.value().run(set_role_statement(pool));
  if (reply.ok()) return success();
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{
      ErrorKind::target,
      fmt::format("pool \"{}\": the server refuses {}\n  {}", pool.name, set_role_statement(pool),
                  reply.complaint.message),
      fmt::format(
          "create it with CREATE ROLE {0} (data.setup can do that), and GRANT {0} to the role that "
          "connects",
          quoted_identifier(pool.role))};
}

}  // namespace

std::string pool_conninfo(const DeployedPool& pool, const ServerAddresses& servers) {
  const std::string& server = servers.of(pool.target);
  return logs_in_as_role(pool) ? with_option(server, "user", pool.role) : server;
}

std::string set_role_statement(const DeployedPool& pool) {
  if (pool.role.empty() || pool.role_by != RoleBy::set_role) return "";
  return "SET ROLE " + quoted_identifier(pool.role);
}

Status with_load_hint(const Status& room, const Scenario& scenario) {
  const Deployment& deployment = scenario.deployment;
  bool unlimited = false;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    unlimited = unlimited || !pool_capacity(deployment.pool_at(i), std::nullopt);
  }
  if (room.ok() || !unlimited || scenario.max_clients()) return room;
  Error error = room.error();
  error.hint +=
      scenario.deadline
          ? ", or shorten the deadline, which limits the number of requests in flight"
          : ", or set a deadline: without one, all requests of the run may be in flight at once";
  return error;
}

Status check_room(const Scenario& scenario, PoolTarget target, const TargetInfo& info,
                  std::int64_t probes) {
  const Deployment& deployment = scenario.deployment;
  const std::int64_t clients = most_in_flight(scenario);
  const PoolSelection pools = pools_on(deployment, target);
  const PoolSelection usual = without_role(deployment, pools);
  TargetInfo server = info;
  if (usual.size() < pools.size()) server.role_limit = -1;
  const Status room = check_budget(deployment, clients, probes, server, pools);
  if (!room || usual.empty()) return with_load_hint(room, scenario);
  return with_load_hint(check_budget(deployment, clients, probes, info, usual), scenario);
}

Status check_pools(const Scenario& scenario, const ServerAddresses& servers, std::int64_t probes,
                   const StopFlag& stop) {
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    if (pool.role.empty()) continue;
    const std::string conninfo = pool_conninfo(pool, servers);
    const Status status = logs_in_as_role(pool)
                              ? check_login(scenario, pool, conninfo, probes, stop)
                              : check_set_role(pool, conninfo, stop);
    if (!status) return status;
  }
  return success();
}

Status check_pool_statements(const Scenario& scenario, const ServerAddresses& servers,
                             const StopFlag& stop, bool rights) {
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    const std::string conninfo = pool_conninfo(pool, servers);
    StatementChecks checks;
    checks.pool = i;
    checks.rights = rights && pool.target == PoolTarget::primary && pool.role.empty();
    const Status status = check_statements(conninfo, scenario, stop, checks);
    if (!status) return status;
  }
  return success();
}

}  // namespace poolgauge
