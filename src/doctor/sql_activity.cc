// Groups D and E.
#include <array>

#include "doctor/checks.h"

namespace poolgauge::doctor {

namespace {

constexpr std::array kActivityQueries = {
    DoctorQuery{"A7b", 14, 0, true, R"sql(
SELECT dealloc FROM {pg_stat_statements}.pg_stat_statements_info)sql"},
    DoctorQuery{"B9", 13, 0, false, R"sql(
SELECT usename, application_name, client_addr, count(*) AS sessions,
       count(*) FILTER (WHERE state = 'idle') AS idle,
       extract(epoch FROM min(now() - state_change) FILTER (WHERE state = 'idle'))
         AS youngest_idle_s
FROM pg_stat_activity
WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2 LIMIT 50)sql"},
    DoctorQuery{"D1", 13, 0, false, R"sql(
SELECT count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state IS NULL) AS not_visible
FROM pg_stat_activity
WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_backend_pid())sql"},
    DoctorQuery{"D2", 13, 0, false, R"sql(
SELECT extract(epoch FROM max(now() - xact_start)) AS oldest_xact_s,
       extract(epoch FROM max(now() - query_start) FILTER (WHERE state = 'active'))
         AS oldest_statement_s
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())sql"},
    DoctorQuery{"D3", 13, 0, false, R"sql(
SELECT pid, application_name, usename, extract(epoch FROM now() - state_change) AS since_s,
       (SELECT count(*) FROM pg_locks l
        WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.granted) AS relation_locks,
       (SELECT string_agg(DISTINCT l.relation::regclass::text, ', ') FROM pg_locks l
        WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.granted) AS tables
FROM pg_stat_activity a
WHERE state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()
ORDER BY state_change LIMIT 20)sql"},
    DoctorQuery{"D4", 13, 0, false, R"sql(
SELECT w.pid, w.application_name, extract(epoch FROM now() - w.query_start) AS since_s,
       array_to_string(pg_blocking_pids(w.pid), ', ') AS blocked_by
FROM pg_stat_activity w WHERE w.wait_event_type = 'Lock'
ORDER BY w.query_start LIMIT 20)sql"},
    DoctorQuery{"D5", 13, 0, false, R"sql(
SELECT 'VACUUM' AS what, relid::regclass::text AS on_what, phase FROM pg_stat_progress_vacuum
UNION ALL SELECT 'ANALYZE', relid::regclass::text, phase FROM pg_stat_progress_analyze
UNION ALL SELECT 'CREATE INDEX', relid::regclass::text, phase FROM pg_stat_progress_create_index
UNION ALL SELECT 'CLUSTER', relid::regclass::text, phase FROM pg_stat_progress_cluster
UNION ALL SELECT 'base backup', NULL, phase FROM pg_stat_progress_basebackup)sql"},
    DoctorQuery{"D5b", 14, 0, false, R"sql(
SELECT 'COPY' AS what, relid::regclass::text AS on_what, command AS phase
FROM pg_stat_progress_copy)sql"},
    DoctorQuery{"D6", 13, 0, false, R"sql(
SELECT datname, age(datfrozenxid) AS xid_age, mxid_age(datminmxid) AS multixact_age,
       current_setting('autovacuum_freeze_max_age')::bigint AS freeze_max_age
FROM pg_database WHERE datallowconn ORDER BY 2 DESC LIMIT 3)sql"},
    DoctorQuery{"D7", 13, 16, false, R"sql(
SELECT checkpoints_timed AS timed, checkpoints_req AS requested FROM pg_stat_bgwriter)sql"},
    DoctorQuery{"D7b", 17, 0, false, R"sql(
SELECT num_timed AS timed, num_requested AS requested FROM pg_stat_checkpointer)sql"},
    DoctorQuery{"D8", 13, 0, true, R"sql(
SELECT blks_hit, blks_read, xact_commit, xact_rollback, deadlocks, temp_files, stats_reset
FROM pg_stat_database WHERE datname = current_database())sql"},
    DoctorQuery{"D10", 14, 0, true, R"sql(
SELECT sum(sessions) AS sessions, sum(sessions_abandoned) AS abandoned,
       sum(sessions_fatal) AS fatal, sum(sessions_killed) AS killed
FROM pg_stat_database)sql"},
    DoctorQuery{"D11", 13, 0, false, R"sql(
SELECT * FROM (
SELECT 'session' AS holder, application_name AS name, age(backend_xmin) AS xids,
       extract(epoch FROM now() - xact_start) AS since_s
FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
UNION ALL SELECT 'prepared transaction', gid, age(transaction), extract(epoch FROM now() - prepared)
FROM pg_prepared_xacts
UNION ALL SELECT 'replication slot', slot_name::text, age(coalesce(xmin, catalog_xmin)), NULL
FROM pg_replication_slots WHERE coalesce(xmin, catalog_xmin) IS NOT NULL) AS holders
ORDER BY holder = 'session', 3 DESC LIMIT 100)sql"},
    DoctorQuery{"D12", 14, 0, true, R"sql(
SELECT wal_buffers_full FROM pg_stat_wal)sql"},
    DoctorQuery{"D13", 13, 16, true, R"sql(
SELECT buffers_backend_fsync AS fsyncs FROM pg_stat_bgwriter)sql"},
    DoctorQuery{"D13b", 17, 0, true, R"sql(
SELECT coalesce(sum(fsyncs), 0) AS fsyncs FROM pg_stat_io
WHERE backend_type = 'client backend' AND object = 'relation')sql"},
    DoctorQuery{"E1", 13, 0, false, R"sql(
SELECT pg_is_in_recovery() AS standby, current_setting('synchronous_standby_names') AS names,
       (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') AS commit_level,
       (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum',
         'potential')) AS candidates,
       (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))
         AS connected)sql"},
    DoctorQuery{"E2", 13, 0, false, R"sql(
SELECT application_name, state, sync_state, extract(epoch FROM replay_lag) AS replay_lag_s,
       CASE WHEN NOT pg_is_in_recovery()
            THEN pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) END AS behind_bytes
FROM pg_stat_replication ORDER BY 1)sql"},
    DoctorQuery{"E3", 13, 0, false, R"sql(
SELECT slot_name, slot_type, active, wal_status FROM pg_replication_slots
ORDER BY active, slot_name)sql"},
    DoctorQuery{"E4", 13, 0, false, R"sql(
SELECT pg_is_in_recovery() AS standby,
       extract(epoch FROM now() - pg_last_xact_replay_timestamp()) AS behind_s,
       pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() AS caught_up,
       current_setting('max_standby_streaming_delay') AS max_delay,
       current_setting('hot_standby_feedback') AS feedback)sql"},
    DoctorQuery{"E5", 13, 0, true, R"sql(
SELECT current_setting('archive_mode') AS mode, archived_count, failed_count,
       current_setting('archive_command') = ''
         AND coalesce(current_setting('archive_library', true), '') = '' AS no_command,
       coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL) AS failing
FROM pg_stat_archiver)sql"},
};

}  // namespace

std::span<const DoctorQuery> activity_queries() {
  return kActivityQueries;
}

}  // namespace poolgauge::doctor
