// Whether the connections of a deployment fit into the server's available slots; arithmetic only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pg/target/pooler_console.h"
#include "pg/target/target_info.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// The most connections the whole fleet can open. `max_clients`: see most_in_flight(); the clients
/// are spread evenly over the processes, the fullest counts for all. nullopt: no bound.
std::optional<std::int64_t> fleet_capacity(const Deployment& deployment,
                                           std::optional<std::int64_t> max_clients);

/// Some of the deployment's pools, by Deployment::pool_at.
using PoolSelection = std::vector<std::uint32_t>;
PoolSelection pools_on(const Deployment& deployment, PoolTarget target);

/// The most connections these pools of the whole fleet can open together.
std::optional<std::int64_t> fleet_capacity(const Deployment& deployment,
                                           std::optional<std::int64_t> max_clients,
                                           const PoolSelection& pools);

/// Success, or the arithmetic, the largest pool that fits and how to split it (kind target). The
/// tightest of max_connections and the role's and database's own limits counts. `probes` are our
/// own connections in addition to the pools. A fleet without a bound is accepted: the load decides.
Status check_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                    std::int64_t probes, const TargetInfo& target);
/// The same for the pools that connect to this target.
Status check_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                    std::int64_t probes, const TargetInfo& target, const PoolSelection& pools);

/// The same with a pooler between: the primary's pools' connections against its max_client_conn
/// (where it is known: nothing of the server's limits their number), and, where `started` (for this
/// run, so nothing of it is in use yet), its own against the server. `probes`: on the server where
/// it was started, else among the pooler's clients.
Status check_pooler_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                           std::int64_t probes, const TargetInfo& target, const PoolerInfo& pooler,
                           bool started);

/// max_connections for an embedded server whose scenario names none: PostgreSQL's default 100, or
/// enough for the fleet (or its pooler) with 3 reserved slots and 5 to spare. A replica must have
/// as many as its primary, so the server with more pools decides for both.
std::int64_t embedded_max_connections(const Deployment& deployment,
                                      std::optional<std::int64_t> max_clients);

}  // namespace poolgauge
