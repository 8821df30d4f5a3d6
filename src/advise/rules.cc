// The rules' arithmetic.
#include "advise/rules.h"

#include <algorithm>
#include <cmath>

namespace poolgauge::rules {

namespace {

constexpr double kSlack = 1e-9;  // a product that is whole but for a rounding error

std::int64_t floored(double value) {
  return static_cast<std::int64_t>(std::floor(value + kSlack));
}

}  // namespace

std::int64_t cores_and_spindles(std::int64_t cores, std::int64_t spindles) {
  return 2 * cores + spindles;
}

std::int64_t deadlock_free(std::int64_t threads, std::int64_t connections_each) {
  return threads * (connections_each - 1) + 1;
}

std::int64_t prisma(std::int64_t cores, std::int64_t instances) {
  return std::max<std::int64_t>(1, (2 * cores + 1) / instances);
}

std::int64_t cores_and_memory(std::int64_t cores, double memory_gib) {
  const double size = std::min(static_cast<double>(3 * cores), 2 * memory_gib);
  return std::clamp<std::int64_t>(floored(size), 5, 50);
}

WorkerRule per_worker(std::int64_t workers, std::int64_t each) {
  const std::int64_t size = workers * each;
  return {size, 2 * size, 1.5 * static_cast<double>(3 * size)};
}

std::int64_t next_multiple(double value, std::int64_t step) {
  const double multiple = std::ceil(value / static_cast<double>(step) - kSlack);
  return static_cast<std::int64_t>(multiple) * step;
}

StatisticsLimits from_statistics(double cores, double parallel_io, double busy_ratio,
                                 double parallelism) {
  const double share = busy_ratio * parallelism;
  return {std::min(cores, parallel_io) / share, std::max(cores, parallel_io) / share};
}

std::int64_t rds_max_connections(double memory_bytes) {
  constexpr double kBytesPerConnection = 9531392;
  return std::min<std::int64_t>(5000, floored(memory_bytes / kBytesPerConnection));
}

std::int64_t azure_max_connections(double memory_gib) {
  // Its smallest machines stand apart from the rest of the table.
  constexpr double kSmallest = 2;
  constexpr double kBytesPerConnection = 1e7;
  constexpr double kGib = 1024.0 * 1024 * 1024;
  constexpr std::int64_t kReserved = 15;
  if (memory_gib <= kSmallest) return 50 - kReserved;
  const std::int64_t table = floored(memory_gib * kGib / kBytesPerConnection);
  return std::min<std::int64_t>(5000, table) - kReserved;
}

std::int64_t yandex_max_connections(std::int64_t cores) {
  constexpr std::int64_t kReserved = 15;
  return 200 * cores - kReserved;
}

std::int64_t pgtune_max_connections(PgtuneLoad load) {
  switch (load) {
    case PgtuneLoad::web: return 200;
    case PgtuneLoad::oltp: return 300;
    case PgtuneLoad::dw: return 40;
    case PgtuneLoad::desktop: return 20;
    case PgtuneLoad::mixed: return 100;
  }
  return 0;
}

double pgtune_work_mem_mib(PgtuneLoad load, const PgtuneMemory& memory) {
  constexpr double kFloor = 4;
  const double backends =
      static_cast<double>(memory.max_connections + memory.max_worker_processes) * 3;
  const double share = (memory.ram_mib - memory.shared_buffers_mib) / backends;
  double divisor = 1;
  if (load == PgtuneLoad::dw || load == PgtuneLoad::mixed) divisor = 2;
  if (load == PgtuneLoad::desktop) divisor = 6;
  return std::max(kFloor, share / divisor);
}

}  // namespace poolgauge::rules
