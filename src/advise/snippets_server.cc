// What the server and a pooler are told.
#include <cmath>
#include <string>

#include <fmt/core.h>

#include "advise/settings.h"
#include "advise/snippet_texts.h"
#include "base/text.h"

namespace poolgauge::snippets {

namespace {

/// A time as PostgreSQL reads it.
std::string pg_time(double s) {
  return fmt::format("{:.0f}ms", std::round(s * 1000));
}

/// What the server has is not known: a setting to paste could lower it.
std::string unknown_server(const Recommendation& r, const char* comment) {
  if (r.max_connections == 0) return "";
  return fmt::format(
      "{0}the server's max_connections is not known: see SHOW max_connections\n"
      "{0}raise it to {1} if it is lower (needs a restart); never lower it\n",
      comment, r.max_connections);
}

}  // namespace

std::string postgresql_conf(const Recommendation& r) {
  if (r.max_connections == 0) return "";
  if (!r.sets_server()) {
    return fmt::format("# nothing to change: max_connections = {} is enough\n",
                       *r.present_max_connections);
  }
  if (!r.present_max_connections) return unknown_server(r, "# ");
  return fmt::format("# at least this; needs a restart\nmax_connections = {}\n", r.max_connections);
}

std::string alter_system(const Recommendation& r) {
  // For the application's role: others on the server have times of their own.
  const ConnectionLimit* const limit = r.limit("role");
  const std::string role = limit == nullptr ? "app" : quoted_identifier(limit->name);
  std::string text;
  if (!r.present_max_connections) {
    text = unknown_server(r, "-- ");
  } else if (r.sets_server()) {
    text = fmt::format("ALTER SYSTEM SET max_connections = {};  -- at least; needs a restart\n",
                       r.max_connections);
  }
  return text + fmt::format(
                    "ALTER ROLE {0} SET idle_in_transaction_session_timeout = '{1}';{3}\n"
                    "ALTER ROLE {0} SET statement_timeout = '{2}';\n",
                    role, pg_time(r.idle_in_transaction_timeout_s), pg_time(r.statement_timeout_s),
                    limit == nullptr ? "  -- app: the application's role" : "");
}

std::string docker_compose(const Recommendation& r) {
  // The image reads no POSTGRES_MAX_CONNECTIONS: only -c does it.
  const std::string server = !r.sets_server()             ? std::string()
                             : !r.present_max_connections ? unknown_server(r, "  # ")
                                                          : fmt::format(
                                                                "  db:\n"
                                                                "    image: postgres\n"
                                                                "    command:\n"
                                                                "      - postgres\n"
                                                                "      - -c\n"
                                                                "      - max_connections={}\n",
                                                                r.max_connections);
  return fmt::format(
      "services:\n"
      "{}"
      "  app:\n"
      "    environment:\n"
      "      DB_POOL_SIZE: \"{}\"\n"
      "      DB_MAX_OVERFLOW: \"{}\"\n"
      "      DB_POOL_TIMEOUT: \"{:g}\"\n"
      "      DB_POOL_RECYCLE: \"{:.0f}\"\n"
      "      DB_POOL_PRE_PING: \"{}\"\n",
      server, r.pool_size, r.max_overflow, r.pool_timeout_s, r.pool_recycle_s,
      r.pre_ping ? "True" : "False");
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
