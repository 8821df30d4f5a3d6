// PgBouncer: the options of pgbouncer.ini that shape its pool, with its own names and defaults.

#include <algorithm>

#include "policy/kind.h"
#include "policy/pgbouncer/pgbouncer_pool.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

std::vector<OptionInfo> options() {
  return {
      choice_option("pool_mode", {"session", "transaction", "statement"}, "session",
                    "when a server connection is returned to the pool"),
      integer_option("default_pool_size", 20, 0,
                     "server connections per (database, user) pair; 0: no limit (1.24 and later)"),
      integer_option("pool_size", -1, -1, "pool size of this database; -1: default_pool_size"),
      integer_option("min_pool_size", 0, 0,
                     "minimum number of server connections, opened one every 1/3 s"),
      integer_option("reserve_pool_size", 0, 0,
                     "additional server connections when a client waits too long"),
      duration_option("reserve_pool_timeout", seconds(5), false,
                      "wait of the first client after which the reserve is used; 0: never"),
      integer_option("max_client_conn", 100, 1,
                     "maximum number of client connections; more are refused"),
      integer_option(
          "max_db_connections", 0, 0,
          "maximum number of server connections per database over all pools; 0: no limit"),
      duration_option(
          "query_wait_timeout", seconds(120), false,
          "maximum wait for a server connection before the client is disconnected; 0: no limit"),
      duration_option("server_idle_timeout", seconds(600), false,
                      "idle time after which a server connection is closed; 0: never"),
      duration_option("server_lifetime", seconds(3600), false,
                      "maximum age of a server connection"),
      duration_option(
          "server_check_delay", seconds(30), false,
          "idle time after which a server connection is tested before use; 0: always tested"),
      choice_option("server_check_query", {"select 1", "<empty>", ""}, "select 1",
                    "query that tests a server connection; an empty string: no test"),
      choice_option("server_reset_query", {"DISCARD ALL", "DEALLOCATE ALL", ""}, "DISCARD ALL",
                    "query between two clients in session mode; an empty string: no query"),
      flag_option("server_reset_query_always", false, "run server_reset_query in all pool modes"),
      duration_option("server_login_retry", seconds(15), false,
                      "delay after a failed login, counted from its start"),
      duration_option("server_connect_timeout", seconds(15), false,
                      "timeout of a login; 0: no timeout"),
      flag_option("server_round_robin", false,
                  "reuse the server connection that has been idle longest"),
      integer_option(
          "max_prepared_statements", 0, 0,
          "prepared statements kept per server connection; 0: not supported (as before 1.21)"),
      choice_option(
          "version", {"1.18", "1.21", "1.23", "1.24", "1.25"}, "1.18",
          "PgBouncer version that a simulation emulates; a run uses that of its PgBouncer"),
  };
}

std::int64_t size_of(const PoolSpec& spec) {
  const std::int64_t own = spec.integer("pool_size");
  return own >= 0 ? own : spec.integer("default_pool_size");
}

bool from_release(const PoolSpec& spec, std::string_view release) {
  return spec.choice("version") >= release;
}

PgBouncerConfig config_of(const PoolSpec& spec) {
  PgBouncerConfig config;
  config.session_mode = spec.choice("pool_mode") == "session";
  config.pool_size = size_of(spec);
  config.unlimited = config.pool_size == 0 && from_release(spec, "1.24");
  config.min_pool_size = spec.integer("min_pool_size");
  config.reserve_pool_size = spec.integer("reserve_pool_size");
  config.reserve_pool_timeout = spec.duration("reserve_pool_timeout");
  config.max_db_connections = spec.integer("max_db_connections");
  config.query_wait_timeout = spec.duration("query_wait_timeout");
  config.server_idle_timeout = spec.duration("server_idle_timeout");
  config.server_lifetime = spec.duration("server_lifetime");
  config.server_check_delay = spec.duration("server_check_delay");
  config.checks = !spec.choice("server_check_query").empty();
  config.resets = !spec.choice("server_reset_query").empty();
  config.resets_always = spec.boolean("server_reset_query_always");
  config.server_login_retry = spec.duration("server_login_retry");
  config.server_connect_timeout = spec.duration("server_connect_timeout");
  config.round_robin = spec.boolean("server_round_robin");
  config.cached_error = from_release(spec, "1.24");
  return config;
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t) {
  return std::make_unique<PgBouncerPool>(config_of(spec));
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  const PgBouncerConfig config = config_of(spec);
  const std::int64_t limit = config.max_db_connections;
  if (config.unlimited) return limit > 0 ? std::optional(limit) : std::nullopt;
  const bool reserve = config.reserve_pool_timeout > Duration::zero();
  const std::int64_t all = config.pool_size + (reserve ? config.reserve_pool_size : 0);
  return limit > 0 ? std::min(limit, all) : all;
}

std::optional<std::string> check(const PoolSpec& spec) {
  if (size_of(spec) == 0 && !from_release(spec, "1.24")) {
    return "a pool size of 0 means no limit only in version 1.24 and later; before that, no client "
           "is ever "
           "served";
  }
  if (spec.integer("max_prepared_statements") > 0 && !from_release(spec, "1.21")) {
    return "max_prepared_statements needs version 1.21 or later";
  }
  if (spec.choice("server_check_query") == "<empty>" && !from_release(spec, "1.25")) {
    return "server_check_query <empty> needs version 1.25 or later";
  }
  return std::nullopt;
}

}  // namespace

std::vector<PoolKind> pgbouncer_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back({{"pgbouncer", "PgBouncer 1.18, one database and one user", options(), true},
                   make,
                   capacity,
                   size_of,
                   check});
  return kinds;
}

}  // namespace poolgauge
