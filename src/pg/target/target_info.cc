// Reads limits and settings from the catalog views every role may read.
#include "pg/target/target_info.h"

#include <cstdlib>
#include <string_view>

#include <fmt/core.h>

#include "base/shorten.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"

namespace poolgauge {
namespace {

// A role without pg_read_all_stats sees of others' sessions only database, user and process, so a
// row without a type but with a user and a database is counted as a client: the launcher of logical
// replication has a user and no database.
constexpr const char* kLimitsQuery = R"sql(
WITH client AS (
  SELECT datname, usename FROM pg_catalog.pg_stat_activity
  WHERE pid <> pg_catalog.pg_backend_pid()
    AND (backend_type = 'client backend'
         OR (backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL)))
SELECT pg_catalog.current_setting('server_version'),
       pg_catalog.current_setting('max_connections'),
       pg_catalog.current_setting('superuser_reserved_connections')::int
         + coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int,
       (SELECT count(*) FROM client),
       (SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = current_user),
       (SELECT count(*) FROM client WHERE usename = current_user),
       (SELECT datconnlimit FROM pg_catalog.pg_database
         WHERE datname = pg_catalog.current_database()),
       (SELECT count(*) FROM client WHERE datname = pg_catalog.current_database()),
       (pg_catalog.current_setting('is_superuser') = 'on')::int,
       pg_catalog.pg_is_in_recovery()::int,
       pg_catalog.pg_backend_pid()
)sql";
constexpr std::size_t kLimitsColumns = 11;
constexpr std::size_t kMostVersion = 100;  // bytes

// pg_settings leaves out what the role may not see. The fingerprint is of all settings that are not
// of our own session and name no place: the same as doctor's F10, shortened.
constexpr const char* kSettingsQuery = R"sql(
SELECT name, pg_catalog.current_setting(name) FROM pg_catalog.pg_settings
WHERE name IN ('shared_buffers', 'work_mem', 'fsync', 'synchronous_commit', 'max_wal_size', 'jit',
               'shared_preload_libraries', 'max_connections', 'effective_cache_size',
               'max_parallel_workers_per_gather', 'autovacuum', 'full_page_writes',
               'default_transaction_isolation', 'idle_in_transaction_session_timeout',
               'statement_timeout', 'log_statement', 'log_min_duration_statement',
               'random_page_cost', 'hash_mem_multiplier', 'huge_pages', 'io_method', 'wal_level',
               'checkpoint_timeout', 'track_io_timing', 'debug_assertions', 'data_checksums')
UNION ALL
SELECT 'settings_fingerprint',
       pg_catalog.substr(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
         pg_catalog.string_agg(name || '=' || reset_val, E'\n' ORDER BY name), 'UTF8')), 'hex'),
         1, 16)
FROM pg_catalog.pg_settings
WHERE context <> 'internal' AND source <> 'client'
  AND name !~ '(directory|_files?$|library_path|socket|^tcp_)'
  AND name NOT IN ('listen_addresses', 'port', 'cluster_name', 'application_name',
                   'client_encoding', 'primary_conninfo')
ORDER BY 1
)sql";

std::int64_t target_number(const std::string& text) {
  return std::strtoll(text.c_str(), nullptr, 10);
}

/// "15.8 (Debian 15.8-0+deb12u1)" -> "15.8".
std::string first_word(const std::string& text) {
  return text.substr(0, text.find(' '));
}

Error query_error(const ControlReply& reply, const std::string& conninfo) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target,
               fmt::format("cannot read the server's limits at {}\n  {}",
                           scrub(describe(conninfo), conninfo), reply.complaint.message),
               "the target must be a PostgreSQL server, directly or through a pooler"};
}

Error console_error(const std::string& conninfo) {
  return Error{ErrorKind::target,
               fmt::format("{} is PgBouncer's admin console, not a database",
                           scrub(describe(conninfo), conninfo)),
               "use the name of a database behind it (dbname=...)"};
}

}  // namespace

Result<TargetInfo> read_target_info(const std::string& conninfo, const StopFlag& stop,
                                    const ControlLimits& patience) {
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, patience);
  if (!opened) return opened.error();
  ControlConnection& connection = opened.value();
  const char* version = PQparameterStatus(connection.raw(), "server_version");
  if (version != nullptr && std::string_view(version).ends_with("/bouncer")) {
    return console_error(conninfo);
  }
  const ControlReply limits = ask(connection, kLimitsQuery, kLimitsColumns, 1);
  if (!limits.ok()) return query_error(limits, conninfo);
  const ControlReply settings = ask(connection, kSettingsQuery, 2);
  if (!settings.ok()) return query_error(settings, conninfo);

  TargetInfo info;
  const std::vector<std::string>& row = limits.rows[0];
  info.server_version = shortened(first_word(row[0]), kMostVersion);
  info.max_connections = target_number(row[1]);
  info.reserved_connections = target_number(row[2]);
  info.in_use = target_number(row[3]);
  info.role_limit = row[4].empty() ? -1 : target_number(row[4]);
  info.role_in_use = target_number(row[5]);
  info.database_limit = row[6].empty() ? -1 : target_number(row[6]);
  info.database_in_use = target_number(row[7]);
  const char* const role = PQuser(connection.raw());
  const char* const database = PQdb(connection.raw());
  if (role != nullptr) info.role = role;
  if (database != nullptr) info.database = database;
  info.superuser = row[8] == "1";
  info.in_recovery = row[9] == "1";
  // A pooler invents the process number it gives its clients.
  info.through_pooler = target_number(row[10]) != PQbackendPID(connection.raw());
  for (const std::vector<std::string>& pair : settings.rows) {
    info.settings.emplace_back(shortened(pair[0]), shortened(pair[1]));
  }
  return info;
}

}  // namespace poolgauge
