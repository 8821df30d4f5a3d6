// Connections and memory: what a fleet may use, and what the server has.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace poolgauge {

struct PoolShape {
  std::int64_t pool_size = 0;
  std::int64_t max_overflow = 0;
  std::int64_t total() const { return pool_size + max_overflow; }
};

/// One service: each process of each instance has its own pools. `instances` counts those that run
/// at the same time at worst, new and old ones of a rolling deployment together.
struct ServiceShape {
  double instances = 1;
  std::int64_t processes = 1;
  std::vector<PoolShape> pools;
};

/// The instances at the worst moment of a deployment that starts `surge` of them (0.25: a quarter,
/// rounded up) before it stops the old ones.
std::int64_t surged(std::int64_t instances, double surge);

struct ServerSlots {
  std::int64_t max_connections = 100;
  std::int64_t reserved = 3;  ///< superuser_reserved_connections + reserved_connections
  std::int64_t others = 0;    ///< other clients
  double headroom = 0;        ///< share of the rest to leave free
};

enum class BudgetVerdict : std::uint8_t { ok, warn, fail };

struct FleetBudget {
  std::int64_t available = 0;  ///< for the fleet; may be negative
  std::int64_t usable = 0;     ///< less the headroom
  double peak = 0;             ///< all connections that the fleet may open
  double steady = 0;           ///< the pools' permanent parts
  /// The largest pool_size + max_overflow that fits, the same for every pool; 0: none does.
  std::int64_t largest_pool = 0;
  BudgetVerdict verdict = BudgetVerdict::ok;  ///< warn: only the headroom is touched
};
FleetBudget fleet_budget(const ServerSlots& slots, const std::vector<ServiceShape>& services);

/// max_connections for a fleet that opens `peak`, rounded up to a multiple of ten.
std::int64_t max_connections_for(double peak, const ServerSlots& slots);

/// Sizes in MiB.
struct ServerMemory {
  double shared_buffers = 128;
  double work_mem = 4;
  double hash_mem_multiplier = 2;  ///< PostgreSQL 15; 1 in 13 and 14
  std::int64_t sorts = 2;          ///< nodes of the largest plan that use work_mem
  std::int64_t hashes = 1;
  std::int64_t parallel_workers = 0;
  std::int64_t connections = 0;          ///< open
  std::int64_t active = 0;               ///< active at the same time, at worst
  double backend = 5;                    ///< of one idle connection, not counting shared pages
  std::optional<double> touched_shared;  ///< by each backend; nullopt: all of shared_buffers
};
/// Page tables of all backends, in MiB: 8 bytes for each page of shared memory that each of them
/// has touched. `page_kib`: 4, or 2048 with huge pages.
double page_tables_mib(std::int64_t connections, double touched_shared_mib, double page_kib = 4);

struct MemoryFigures {
  double backends = 0;
  double work = 0;         ///< work_mem at worst
  double page_tables = 0;  ///< without huge pages
  double total = 0;        ///< shared_buffers + backends + work; page tables apart
};
MemoryFigures memory_figures(const ServerMemory& memory);

/// A PgBouncer's connections and file descriptors.
struct PgbouncerShape {
  std::int64_t databases = 1;
  std::int64_t users = 1;
  std::int64_t pool_size = 20;
  std::int64_t reserve_pool_size = 0;
  std::int64_t max_client_conn = 100;
  std::int64_t processes = 1;
};
struct PgbouncerFigures {
  std::int64_t server_connections = 0;  ///< of all its processes
  std::int64_t descriptors = 0;         ///< of one process
};
PgbouncerFigures pgbouncer_figures(const PgbouncerShape& shape);

}  // namespace poolgauge
