// The kind of node-postgres: options, units and defaults as pg-pool has them.
#include "policy/node_postgres/kind_node_postgres.h"

#include "policy/node_postgres/node_postgres_pool.h"

namespace poolgauge {

namespace {

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return spec.integer("max");
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("max");
}

}  // namespace

std::vector<OptionInfo> pg_pool_options() {
  constexpr Duration kMillisecond = std::chrono::milliseconds(1);
  return {
      integer_option("max", 10, 1, "maximum number of connections"),
      integer_option(
          "min", 0, 0,
          "number of idle connections that are never closed; none are opened in advance"),
      duration_option("idleTimeoutMillis", std::chrono::seconds(10), false,
                      "idle time after which a connection is closed; 0: never", kMillisecond),
      duration_option("connectionTimeoutMillis", Duration{0}, false,
                      "timeout of the wait in the queue or of connecting; 0: none", kMillisecond),
      integer_option("maxUses", 0, 0, "checkouts after which a connection is closed; 0: no limit",
                     std::numeric_limits<std::int64_t>::max()),
      duration_option("maxLifetimeSeconds", Duration{0}, false,
                      "maximum age of a connection; 0: no limit"),
      flag_option("allowExitOnIdle", false, "has no effect while the pool is in use"),
  };
}

std::unique_ptr<PoolPolicy> make_pg_pool(const PoolSpec& spec, std::uint64_t) {
  NodePostgresConfig config;
  config.max = spec.integer("max");
  config.min = spec.integer("min");
  config.idle_timeout = spec.duration("idleTimeoutMillis");
  config.connection_timeout = spec.duration("connectionTimeoutMillis");
  config.max_uses = spec.integer("maxUses");
  config.max_lifetime = spec.duration("maxLifetimeSeconds");
  return std::make_unique<NodePostgresPool>(config);
}

std::vector<PoolKind> node_postgres_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back({{"node-postgres", "node-postgres 8 (pg-pool 3.14)", pg_pool_options()},
                   make_pg_pool,
                   capacity,
                   permanent,
                   nullptr});
  return kinds;
}

}  // namespace poolgauge
