// Groups A to C, F and G.
#include <array>

#include "doctor/checks.h"

namespace poolgauge::doctor {

namespace {

// Our own session sets timeouts, so what holds for others is read from reset_val.
constexpr std::array kServerQueries = {
    DoctorQuery{"A2", 13, 0, false, R"sql(
SELECT (SELECT string_agg(DISTINCT split_part(name, '.', 1), ', ') FROM pg_settings
        WHERE name ~ '^(rds|azure|cloudsql|neon|alloydb|aurora|crdb)\.' OR name ~ '^yb_')
         AS families,
       EXISTS (SELECT FROM pg_proc WHERE proname = 'aurora_version') AS aurora)sql"},
    DoctorQuery{"A3", 13, 0, false, R"sql(
SELECT pg_backend_pid() AS pid)sql"},
    DoctorQuery{"A4", 13, 0, false, R"sql(
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all,
       current_setting('is_superuser') = 'on' AS superuser)sql"},
    DoctorQuery{"A5", 13, 0, false, R"sql(
SELECT pg_is_in_recovery() AS standby,
       (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only')
         AS read_only)sql"},
    DoctorQuery{"A6", 13, 0, false, R"sql(
SELECT name, setting FROM pg_settings WHERE name IN ('track_activities', 'track_counts'))sql"},
    DoctorQuery{"A7", 13, 0, false, R"sql(
SELECT (SELECT extnamespace::regnamespace::text FROM pg_extension
        WHERE extname = 'pg_stat_statements') AS schema,
       EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max') AS loaded)sql"},
    DoctorQuery{"A8", 13, 0, false, R"sql(
SELECT extract(epoch FROM now() - pg_postmaster_start_time()) AS up_s,
       extract(epoch FROM now() - stats_reset) AS statistics_s
FROM pg_stat_database WHERE datname = current_database())sql"},
    DoctorQuery{"B1", 13, 0, false, R"sql(
SELECT current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int AS superuser_reserved,
       coalesce(current_setting('reserved_connections', true), '0')::int AS reserved,
       count(*) FILTER (WHERE backend_type = 'client backend'
         OR backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL) AS clients
FROM pg_stat_activity WHERE pid <> pg_backend_pid())sql"},
    DoctorQuery{"B2", 13, 0, false, R"sql(
SELECT rolname, rolconnlimit, rolsuper,
       (SELECT count(*) FROM pg_stat_activity a
        WHERE a.usesysid = r.oid AND a.datid IS NOT NULL AND pid <> pg_backend_pid()
          AND (backend_type = 'client backend' OR backend_type IS NULL)) AS in_use
FROM pg_roles r WHERE rolname = session_user)sql"},
    DoctorQuery{"B3", 13, 0, false, R"sql(
SELECT datname, datconnlimit,
       (SELECT count(*) FROM pg_stat_activity a
        WHERE a.datid = d.oid AND a.usesysid IS NOT NULL AND pid <> pg_backend_pid()
          AND (backend_type = 'client backend' OR backend_type IS NULL)) AS in_use
FROM pg_database d WHERE datname = current_database())sql"},
    DoctorQuery{"B6", 13, 0, false, R"sql(
SELECT a.application_name, count(*) AS sessions
FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE r.rolsuper AND a.datid IS NOT NULL AND a.pid <> pg_backend_pid()
GROUP BY 1 ORDER BY 2 DESC, 1)sql"},
    DoctorQuery{"B8", 13, 0, false, R"sql(
SELECT (SELECT count(*) FROM pg_locks WHERE pid IS DISTINCT FROM pg_backend_pid()) AS locks,
       current_setting('max_locks_per_transaction')::bigint
         * (current_setting('max_connections')::bigint
            + current_setting('max_prepared_transactions')::bigint) AS capacity)sql"},
    DoctorQuery{"C0", 13, 0, false, R"sql(
SELECT coalesce(d.datname, '(all)') AS database, coalesce(r.rolname, '(all)') AS role,
       split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase
  LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS c
WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND split_part(c, '=', 1) IN ('statement_timeout', 'lock_timeout', 'deadlock_timeout',
    'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')
ORDER BY 1, 2, 3)sql"},
    DoctorQuery{"C1", 13, 0, false, R"sql(
SELECT name, reset_val AS setting, unit FROM pg_settings WHERE name IN
 ('statement_timeout', 'lock_timeout', 'deadlock_timeout', 'idle_in_transaction_session_timeout',
  'idle_session_timeout', 'transaction_timeout', 'tcp_keepalives_idle',
  'client_connection_check_interval', 'authentication_timeout', 'password_encryption',
  'scram_iterations', 'ssl'))sql"},
    DoctorQuery{"F1", 13, 0, false, R"sql(
SELECT name, reset_val AS setting, unit, boot_val, pending_restart FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'log_statement',
  'log_min_duration_statement', 'log_duration', 'log_connections', 'shared_preload_libraries',
  'auto_explain.log_analyze', 'shared_buffers', 'work_mem', 'hash_mem_multiplier',
  'effective_cache_size', 'random_page_cost', 'debug_assertions', 'jit', 'track_io_timing',
  'track_wal_io_timing', 'huge_pages', 'huge_pages_status', 'io_method', 'autovacuum',
  'max_parallel_workers_per_gather'))sql"},
    DoctorQuery{"F4", 13, 0, false, R"sql(
SELECT pg_database_size(current_database()) AS database_bytes)sql"},
    DoctorQuery{"F9", 13, 0, false, R"sql(
SELECT name, setting FROM pg_settings WHERE pending_restart ORDER BY name)sql"},
    DoctorQuery{"F10", 13, 0, false, R"sql(
SELECT encode(sha256(convert_to(string_agg(name || '=' || reset_val, E'\n' ORDER BY name),
              'UTF8')), 'hex') AS fingerprint, count(*) AS settings
FROM pg_settings
WHERE context <> 'internal' AND source <> 'client'
  AND name !~ '(directory|_files?$|library_path|socket|^tcp_)'
  AND name NOT IN ('listen_addresses', 'port', 'cluster_name', 'application_name',
                   'client_encoding', 'primary_conninfo'))sql"},
    DoctorQuery{"G3", 13, 0, false, R"sql(
SELECT ssl, version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid())sql"},
};

}  // namespace

std::span<const DoctorQuery> server_queries() {
  return kServerQueries;
}

}  // namespace poolgauge::doctor
