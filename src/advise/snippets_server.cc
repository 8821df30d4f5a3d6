// What the server and a pooler are told.
#include <cmath>

#include <fmt/core.h>

#include "advise/snippet_texts.h"

namespace poolgauge::snippets {

namespace {

/// A time as PostgreSQL reads it.
std::string pg_time(double s) {
  return fmt::format("{:.0f}ms", std::round(s * 1000));
}

}  // namespace

std::string postgresql_conf(const Recommendation& r) {
  return fmt::format(
      "max_connections = {}  # needs a restart\n"
      "statement_timeout = {}  # better: for the application's role\n"
      "idle_in_transaction_session_timeout = {}\n",
      r.max_connections, pg_time(r.statement_timeout_s), pg_time(r.idle_in_transaction_timeout_s));
}

std::string alter_system(const Recommendation& r) {
  return fmt::format(
      "ALTER SYSTEM SET max_connections = {};  -- needs a restart\n"
      "ALTER SYSTEM SET idle_in_transaction_session_timeout = '{}';\n"
      "ALTER SYSTEM SET statement_timeout = '{}';  -- better: ALTER ROLE app SET ...\n"
      "SELECT pg_reload_conf();\n",
      r.max_connections, pg_time(r.idle_in_transaction_timeout_s), pg_time(r.statement_timeout_s));
}

std::string docker_compose(const Recommendation& r) {
  // The image reads no POSTGRES_MAX_CONNECTIONS: only -c does it.
  return fmt::format(
      "services:\n"
      "  db:\n"
      "    image: postgres\n"
      "    command:\n"
      "      - postgres\n"
      "      - -c\n"
      "      - max_connections={}\n"
      "      - -c\n"
      "      - idle_in_transaction_session_timeout={}\n"
      "  app:\n"
      "    environment:\n"
      "      DB_POOL_SIZE: \"{}\"\n"
      "      DB_MAX_OVERFLOW: \"{}\"\n"
      "      DB_POOL_TIMEOUT: \"{:g}\"\n"
      "      DB_POOL_RECYCLE: \"{:.0f}\"\n"
      "      DB_POOL_PRE_PING: \"{}\"\n",
      r.max_connections, pg_time(r.idle_in_transaction_timeout_s), r.pool_size, r.max_overflow,
      r.pool_timeout_s, r.pool_recycle_s, r.pre_ping ? "True" : "False");
}

std::string pgbouncer_ini(const PoolerSizes& sizes) {
  return fmt::format(
      "[pgbouncer]\n"
      "pool_mode = {}\n"
      "max_client_conn = {}\n"
      "default_pool_size = {}\n"
      "reserve_pool_size = {}\n"
      "reserve_pool_timeout = 1\n"
      "max_db_connections = {}\n"
      "query_wait_timeout = {:.0f}\n",
      sizes.pool_mode, sizes.max_client_conn, sizes.default_pool_size, sizes.reserve_pool_size,
      sizes.max_db_connections, sizes.query_wait_timeout_s);
}

}  // namespace poolgauge::snippets
