// Rules of thumb for sizing, as plain arithmetic. Connections are whole numbers; what a rule leaves
// open (rounding, whose cores) is decided where it is applied, in rule_answers.cc.
#pragma once

#include <cstdint>

namespace poolgauge::rules {

/// PostgreSQL wiki and HikariCP: cores x 2 + spindles, for the database server.
std::int64_t cores_and_spindles(std::int64_t cores, std::int64_t spindles);
/// HikariCP: with this many no deadlock can arise among `threads` that each hold up to
/// `connections_each` at once. A bound for liveness, no performance size.
std::int64_t deadlock_free(std::int64_t threads, std::int64_t connections_each);
/// Prisma: 2 x cores + 1, divided among the application's instances.
std::int64_t prisma(std::int64_t cores, std::int64_t instances);
/// min(cores x 3, GiB x 2), within 5..50.
std::int64_t cores_and_memory(std::int64_t cores, double memory_gib);
/// Workers x 2 (or 3), overflow twice the pool, max_connections one and a half times their sum.
struct WorkerRule {
  std::int64_t pool_size = 0;
  std::int64_t max_overflow = 0;
  double max_connections = 0;
};
WorkerRule per_worker(std::int64_t workers, std::int64_t each);
/// `value` rounded up to the next multiple of `step`.
std::int64_t next_multiple(double value, std::int64_t step);

/// From pg_stat_database (Cybertec): limit = K / (busy ratio x parallelism).
struct BusyRatio {
  double active_ms = 0;
  double idle_in_transaction_ms = 0;

  double ratio() const { return active_ms / (active_ms + idle_in_transaction_ms); }
};
struct StatisticsLimits {
  double low = 0;   ///< K = min(cores, parallel I/O)
  double high = 0;  ///< K = max(cores, parallel I/O)
};
StatisticsLimits from_statistics(double cores, double parallel_io, double busy_ratio,
                                 double parallelism);

/// Amazon RDS: memory in bytes / 9531392, at most 5000. An upper limit, not a recommendation.
std::int64_t rds_max_connections(double memory_bytes);
/// Azure flexible server: user connections of its table, near memory / 10^7, at most 5000, less 15.
std::int64_t azure_max_connections(double memory_gib);
/// Yandex managed PostgreSQL: 200 for each core, 15 reserved.
std::int64_t yandex_max_connections(std::int64_t cores);

/// pgtune's table and its work_mem.
enum class PgtuneLoad : std::uint8_t { web, oltp, dw, desktop, mixed };
struct PgtuneMemory {
  double ram_mib = 0;
  double shared_buffers_mib = 0;
  std::int64_t max_connections = 0;
  std::int64_t max_worker_processes = 8;
};
std::int64_t pgtune_max_connections(PgtuneLoad load);
double pgtune_work_mem_mib(PgtuneLoad load, const PgtuneMemory& memory);

}  // namespace poolgauge::rules
