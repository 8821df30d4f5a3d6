// The names as exporters have them; where an exporter was renamed, both. An application's prefix
// may stand before each of them.
#include "observe/metrics.h"

#include <array>

namespace poolgauge::observe {
namespace {

using enum PoolFigure;

constexpr double kMilli = 1e-3;
constexpr double kNano = 1e-9;

// Micrometer's MicrometerMetricsTracker (Spring Boot), and HikariCP's own PrometheusMetricsTracker.
constexpr MetricName kHikariNames[] = {{in_use, "hikaricp_connections_active"},
                                       {in_use, "hikaricp_active_connections"},
                                       {idle, "hikaricp_connections_idle"},
                                       {idle, "hikaricp_idle_connections"},
                                       {open, "hikaricp_connections"},
                                       {waiting, "hikaricp_connections_pending"},
                                       {waiting, "hikaricp_pending_threads"},
                                       {most, "hikaricp_connections_max"},
                                       {most, "hikaricp_max_connections"},
                                       {timeouts, "hikaricp_connections_timeout"},
                                       {timeouts, "hikaricp_connection_timeout"},
                                       {timeouts, "hikaricp_connection_timeout_count"}};
constexpr MetricTimer kHikariTimers[] = {{false, "hikaricp_connections_acquire_seconds"},
                                         {false, "hikaricp_connection_acquired_nanos", kNano},
                                         {true, "hikaricp_connections_usage_seconds"},
                                         {true, "hikaricp_connection_usage_millis", kMilli}};

// Gauges that applications make of QueuePool's checkedout(), checkedin(), size() and overflow().
constexpr MetricName kSqlalchemyNames[] = {
    {in_use, "sqlalchemy_pool_checked_out"}, {in_use, "sqlalchemy_pool_checked_out_connections"},
    {in_use, "sqlalchemy_pool_checkedout"},  {in_use, "sqlalchemy_pool_checkedout_connections"},
    {idle, "sqlalchemy_pool_checked_in"},    {idle, "sqlalchemy_pool_checked_in_connections"},
    {idle, "sqlalchemy_pool_checkedin"},     {idle, "sqlalchemy_pool_checkedin_connections"},
    {kept, "sqlalchemy_pool_size"},          {overflow, "sqlalchemy_pool_max_overflow"},
    {waiting, "sqlalchemy_pool_waiters"},    {waiting, "sqlalchemy_pool_waiting"},
    {timeouts, "sqlalchemy_pool_timeouts"}};
constexpr MetricTimer kSqlalchemyTimers[] = {{false, "sqlalchemy_pool_wait_seconds"},
                                             {false, "sqlalchemy_pool_checkout_wait_seconds"},
                                             {true, "sqlalchemy_pool_usage_seconds"},
                                             {true, "sqlalchemy_pool_hold_seconds"}};

// The keys of ConnectionPool.get_stats().
constexpr MetricName kPsycopgNames[] = {
    {open, "pool_size"},           {idle, "pool_available"},
    {waiting, "requests_waiting"}, {most, "pool_max"},
    {requests, "requests_num"},    {waited, "requests_queued"},
    {holds, "requests_num"},       {wait_s, "requests_wait_ms", kMilli},
    {hold_s, "usage_ms", kMilli},  {wait_s, "requests_wait_seconds"},
    {hold_s, "usage_seconds"},     {timeouts, "requests_errors"}};

// pgxpool.Stat: pgxpoolprometheus, otelpgx.
constexpr MetricName kPgxNames[] = {{in_use, "pgxpool_acquired_conns"},
                                    {in_use, "pgxpool_acquired_connections"},
                                    {idle, "pgxpool_idle_conns"},
                                    {idle, "pgxpool_idle_connections"},
                                    {open, "pgxpool_total_conns"},
                                    {open, "pgxpool_total_connections"},
                                    {most, "pgxpool_max_conns"},
                                    {most, "pgxpool_max_connections"},
                                    {requests, "pgxpool_acquire_count"},
                                    {requests, "pgxpool_acquires"},
                                    {requests, "pgxpool_acquire"},
                                    {waited, "pgxpool_empty_acquire_count"},
                                    {waited, "pgxpool_empty_acquires"},
                                    {waited, "pgxpool_empty_acquire"},
                                    {wait_s, "pgxpool_acquire_duration_seconds"},
                                    {wait_s, "pgxpool_acquire_duration_milliseconds", kMilli},
                                    {wait_s, "pgxpool_acquire_duration_nanoseconds", kNano},
                                    {wait_s, "pgxpool_acquire_duration_ns", kNano},
                                    {timeouts, "pgxpool_canceled_acquire_count"},
                                    {timeouts, "pgxpool_canceled_acquires"},
                                    {timeouts, "pgxpool_canceled_acquire"}};

// client_golang's NewDBStatsCollector. It does not count requests that need not wait.
constexpr MetricName kGoNames[] = {
    {in_use, "go_sql_in_use_connections"}, {idle, "go_sql_idle_connections"},
    {open, "go_sql_open_connections"},     {most, "go_sql_max_open_connections"},
    {waited, "go_sql_wait_count"},         {wait_s, "go_sql_wait_duration_seconds"}};

// node-postgres-prometheus-exporter, and gauges of Pool's totalCount, idleCount and waitingCount.
constexpr MetricName kNodeNames[] = {{in_use, "pg_pool_active_connections"},
                                     {in_use, "pg_pool_active"},
                                     {idle, "pg_pool_idle_connections"},
                                     {idle, "pg_pool_idle"},
                                     {idle, "pg_pool_idle_count"},
                                     {open, "pg_pool_size"},
                                     {open, "pg_pool_total_connections"},
                                     {open, "pg_pool_total"},
                                     {open, "pg_pool_total_count"},
                                     {waiting, "pg_pool_waiting_connections"},
                                     {waiting, "pg_pool_waiting"},
                                     {waiting, "pg_pool_waiting_count"},
                                     {most, "pg_pool_max"},
                                     {most, "pg_pool_max_connections"}};

// OpenTelemetry's semantic conventions for database pools, present and former names.
constexpr MetricName kOtelNames[] = {{in_use, "db_client_connection_count", 1, "used"},
                                     {idle, "db_client_connection_count", 1, "idle"},
                                     {in_use, "db_client_connections_usage", 1, "used"},
                                     {idle, "db_client_connections_usage", 1, "idle"},
                                     {most, "db_client_connection_max"},
                                     {most, "db_client_connections_max"},
                                     {waiting, "db_client_connection_pending_requests"},
                                     {waiting, "db_client_connections_pending_requests"},
                                     {timeouts, "db_client_connection_timeouts"},
                                     {timeouts, "db_client_connections_timeouts"}};
constexpr MetricTimer kOtelTimers[] = {
    {false, "db_client_connection_wait_time_seconds"},
    {false, "db_client_connections_wait_time_milliseconds", kMilli},
    {true, "db_client_connection_use_time_seconds"},
    {true, "db_client_connections_use_time_milliseconds", kMilli}};

constexpr std::array<MetricsForm, 7> kForms = {
    {{"hikaricp", "HikariCP", kHikariNames, kHikariTimers},
     {"sqlalchemy_pool", "SQLAlchemy", kSqlalchemyNames, kSqlalchemyTimers},
     {"psycopg_pool", "psycopg_pool", kPsycopgNames, {}},
     {"pgxpool", "pgxpool", kPgxNames, {}},
     {"go_sql", "Go's database/sql", kGoNames, {}},
     {"pg_pool", "pg (node-postgres)", kNodeNames, {}},
     {"db_client", "OpenTelemetry", kOtelNames, kOtelTimers}}};

}  // namespace

std::span<const MetricsForm> metrics_forms() {
  return kForms;
}

}  // namespace poolgauge::observe
