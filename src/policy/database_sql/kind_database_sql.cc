// The kind "database-sql": options named as the fields of Go's sql.DBStats and the setters of
// sql.DB, with its defaults.
#include <fmt/core.h>

#include <algorithm>

#include "policy/database_sql/database_sql_pool.h"
#include "policy/kind.h"
#include "policy/snippets.h"

namespace poolgauge {

namespace {

std::vector<OptionInfo> options() {
  return {
      integer_option("MaxOpenConns", 0, -1, "maximum number of connections; 0 and -1: no limit"),
      integer_option(
          "MaxIdleConns", 2, -1,
          "maximum number of idle connections, at most MaxOpenConns; 0 and -1: keeps none"),
      duration_option("ConnMaxLifetime", Duration{0}, true,
                      "maximum age of a connection; 0s: no limit"),
      duration_option("ConnMaxIdleTime", Duration{0}, true,
                      "idle time after which a connection is closed; 0s: never"),
      choice_option("driver", {"pq", "pgx"}, "pq",
                    "pq, or pgx (its stdlib package), which pings at checkout after more than one "
                    "second idle"),
  };
}

std::int64_t max_idle(const PoolSpec& spec) {
  const std::int64_t open = spec.integer("MaxOpenConns");
  const std::int64_t idle = std::max<std::int64_t>(spec.integer("MaxIdleConns"), 0);
  return open > 0 ? std::min(open, idle) : idle;
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t seed) {
  DatabaseSqlConfig config;
  config.max_open = spec.integer("MaxOpenConns");
  config.max_idle = max_idle(spec);
  config.max_lifetime = spec.duration("ConnMaxLifetime");
  config.max_idle_time = spec.duration("ConnMaxIdleTime");
  config.pings_on_reset = spec.choice("driver") == "pgx";
  return std::make_unique<DatabaseSqlPool>(config, seed);
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  const std::int64_t open = spec.integer("MaxOpenConns");
  if (open <= 0) return std::nullopt;
  return open;
}

std::string option_to_keep_open(std::int64_t connections) {
  return fmt::format("SetMaxIdleConns({})", connections);
}

std::string cure_to_keep_open(const PoolSpec& pool, std::int64_t connections) {
  const std::int64_t idle = pool.integer("MaxIdleConns");
  if (idle >= connections) return "raise ConnMaxLifetime and ConnMaxIdleTime, or leave them off";
  return fmt::format("call SetMaxIdleConns({}), the same as SetMaxOpenConns: it keeps {} now",
                     connections, idle);
}

std::string database_sql_snippet(const Recommendation& r) {
  return fmt::format(
      "db.SetMaxOpenConns({})\ndb.SetMaxIdleConns({})\ndb.SetConnMaxLifetime({})\n// wait limit: "
      "ctx, cancel := context.WithTimeout(ctx, {})\n{}",
      r.total(), r.pool_size, go_duration(r.pool_recycle_s), go_duration(r.pool_timeout_s),
      behind_pooler(r,
                    "// {}: default_query_exec_mode=exec (pgx) or binary_parameters=yes (lib/pq) "
                    "in the connection string\n"));
}

}  // namespace

std::vector<PoolKind> database_sql_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"database-sql", "Go's database/sql", options()}, make, capacity, max_idle, nullptr});
  PoolKind& kind = kinds.back();
  kind.traits.snippet = "database-sql";
  kind.traits.metrics = "go_sql";
  kind.sizing = SizingOptions{"MaxIdleConns", "", "MaxOpenConns", "", "ConnMaxLifetime", "", true};
  kind.flags = {
      {PoolFlag::timeout, "",
       "database/sql waits until the caller's context ends; use --deadline to limit the request"},
      {PoolFlag::ping, "",
       "the driver decides: --pool-option driver=pgx pings connections idle for more than a "
       "second, "
       "driver=pq never pings"}};
  kind.zero_age_is_never = true;
  kind.lowers_kept_itself = true;
  kind.keep_open_option = option_to_keep_open;
  kind.keep_open_cure = cure_to_keep_open;
  kind.snippets = {{"database-sql", "Go database/sql", "go", database_sql_snippet}};
  return kinds;
}

}  // namespace poolgauge
