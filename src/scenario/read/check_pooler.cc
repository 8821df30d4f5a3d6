// What a scenario may not ask of the pooler it names: rules between the pooler and the rest.
#include <fmt/format.h>

#include "scenario/read/read_spec.h"

namespace poolgauge {

namespace {

constexpr const char* kRefusal = "transaction blocks not allowed in statement pooling mode";

/// Whether the pool tests its connections in a transaction of its own.
bool pings_in_transaction(const PoolSpec& pool) {
  if (make_policy(pool)->habits().ping != DriverHabits::Ping::in_session) return false;
  for (const auto& [name, value] : pool.options) {
    const bool* flag = std::get_if<bool>(&value);
    if (name == "pre_ping" && flag != nullptr && *flag) return true;
  }
  return false;
}

/// PgBouncer keeps a pool for each database and user; ours stands before one of them.
void check_pools_behind(const Node& node, const Deployment& deployment) {
  const bool several = !deployment.others.empty();
  const bool elsewhere = deployment.uses(PoolTarget::replica) || !deployment.pool.role.empty();
  if (!several && !elsewhere) return;
  const Node pooler{&(*node.json)["pooler"], node.pointer + "/pooler", node.problems};
  pooler.refuse("a pooler needs exactly one pool per process, on the primary and without a role");
}

}  // namespace

void check_pooler(const Node& node, const Scenario& scenario) {
  const std::optional<Pooler>& pooler = scenario.deployment.pooler;
  if (!pooler) return;
  check_pools_behind(node, scenario.deployment);
  if (pooler->spec.choice("pool_mode") != "statement") return;
  const Node mode{&(*node.json)["pooler"]["pool_mode"], node.pointer + "/pooler/pool_mode",
                  node.problems};
  for (const RequestSpec& request : scenario.requests) {
    if (request.transaction == TransactionMode::none) continue;
    mode.refuse(
        fmt::format("statement mode does not allow transactions, but request \"{}\" uses one "
                    "(PgBouncer: \"{}\")",
                    request.name, kRefusal));
  }
  const bool pool_is_right = node.problems->empty();
  if (pool_is_right && pings_in_transaction(scenario.deployment.pool)) {
    mode.refuse(
        fmt::format("statement mode does not allow transactions, but this pool's pre_ping uses one "
                    "(PgBouncer: \"{}\")",
                    kRefusal));
  }
}

}  // namespace poolgauge
