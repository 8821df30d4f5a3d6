// Where each pool connects to, and whether a pooler is in front of the server.
#pragma once

#include <cstdint>
#include <string>

#include "pg/target/target_info.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Connection strings for libpq; they may hold passwords.
struct ServerAddresses {
  std::string primary;
  std::string replica;  ///< empty where no pool is on one
  const std::string& of(PoolTarget target) const {
    return target == PoolTarget::primary ? primary : replica;
  }
};

/// The server's string, with the pool's role as user where it connects as that.
std::string pool_conninfo(const DeployedPool& pool, const ServerAddresses& servers);
/// What a connection of the pool says first; empty: nothing.
std::string set_role_statement(const DeployedPool& pool);

/// What failed to fit, and, where an open load meets pools without a limit, that fewer would be in
/// flight with another deadline.
Status with_load_hint(const Status& room, const Scenario& scenario);

/// Whether the pools on this server fit into what it has left (see check_budget). A connection
/// limit of the role that `info` was read as binds only the pools that log in as it.
Status check_room(const Scenario& scenario, PoolTarget target, const TargetInfo& info,
                  std::int64_t probes);

/// Connects once as each role and says each SET ROLE: what the server refuses is better known
/// before the load. Run it after the setup, which may create the roles. A role with a connection
/// limit of its own must have slots for its pools. `probes`: our own connections on each server.
Status check_pools(const Scenario& scenario, const ServerAddresses& servers, std::int64_t probes,
                   const StopFlag& stop);

/// The pools' statements, each prepared where it will run (see check_statements). `rights`: also
/// whether the role may run them, on the primary and by pools without a role of their own.
Status check_pool_statements(const Scenario& scenario, const ServerAddresses& servers,
                             const StopFlag& stop, bool rights = false);

// Detecting a pooler in front of the server by the behavior of connections through it.

/// What was seen of a pooler without asking it.
struct PoolerSigns {
  /// When a client releases its server connection: session, transaction, or statement.
  std::string pool_mode = "transaction";
  /// False: unknown; transaction mode is then assumed, since what suits it does no harm in session
  /// mode.
  bool mode_seen = false;
  /// It renames the statements that its clients prepare, so that they cannot meet another's.
  bool renames_prepared = false;
};

/// Asks two connections in turn which server process serves them: one that both get, or that
/// changes, is handed from client to client. Then, in a transaction that is rolled back, whether a
/// prepared statement comes to the server under its own name. Nothing is left behind there. The
/// error is that of the first connect (kind target or interrupted).
Result<PoolerSigns> read_pooler_signs(const std::string& conninfo, const StopFlag& stop);

}  // namespace poolgauge
