// The kind of node-postgres: options, units and defaults as pg-pool has them.
#include <fmt/core.h>

#include "policy/node_postgres/kind_node_postgres.h"
#include "policy/snippets.h"

#include "policy/node_postgres/node_postgres_pool.h"

namespace poolgauge {

namespace {

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return spec.integer("max");
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("max");
}

std::string option_to_keep_open(std::int64_t connections) {
  return fmt::format("min {}, idleTimeoutMillis 0", connections);
}

std::string cure_to_keep_open(const PoolSpec&, std::int64_t connections) {
  return fmt::format(
      "set idleTimeoutMillis = 0 and leave maxUses and maxLifetimeSeconds off: the {} connections "
      "then stay open",
      connections);
}

std::string node_postgres_snippet(const Recommendation& r) {
  // node-postgres sends them when it connects, which PgBouncer refuses.
  const std::string timeouts =
      r.pooler ? "  // set timeouts with ALTER ROLE: PgBouncer refuses them at connect\n"
               : fmt::format(
                     "  statement_timeout: {:.0f},\n"
                     "  idle_in_transaction_session_timeout: {:.0f},\n",
                     whole_ms(r.statement_timeout_s), whole_ms(r.idle_in_transaction_timeout_s));
  return fmt::format(
      "const pool = new Pool({{\n"
      "  max: {},\n"
      "  connectionTimeoutMillis: {:.0f},\n"
      "  idleTimeoutMillis: 10000,\n"
      "  maxLifetimeSeconds: {:.0f},\n"
      "{}"
      "}});\n"
      "{}",
      r.total(), whole_ms(r.pool_timeout_s), r.pool_recycle_s, timeouts,
      behind_pooler(r, "// queries without a name; {}\n"));
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
      duration_option(
          "connectionTimeoutMillis", Duration{0}, false,
          "timeout of the whole wait for a connection, including connecting; 0: no timeout",
          kMillisecond),
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
  PoolKind& kind = kinds.back();
  kind.traits.last_returned_first = true;
  kind.traits.postgresql_only = true;
  kind.traits.snippet = "node-postgres";
  kind.traits.metrics = "pg_pool";
  kind.sizing =
      SizingOptions{"min", "", "max", "connectionTimeoutMillis", "maxLifetimeSeconds", "", false};
  kind.flags = {
      {PoolFlag::ping, "false",
       "pg-pool does not test connections at checkout; the closest option is idleTimeoutMillis, "
       "which closes idle connections"}};
  kind.zero_age_is_never = true;
  kind.lowers_kept_itself = true;
  kind.keep_open_option = option_to_keep_open;
  kind.keep_open_cure = cure_to_keep_open;
  kind.snippets = {{"node-postgres", "node-postgres", "js", node_postgres_snippet}};
  return kinds;
}

}  // namespace poolgauge
