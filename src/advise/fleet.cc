// Fleet arithmetic.
#include "advise/fleet.h"

#include <algorithm>
#include <cmath>

namespace poolgauge {

namespace {

constexpr double kFleetSlack = 1e-9;  // a product that is whole but for a rounding error

std::int64_t floored_share(double value) {
  return static_cast<std::int64_t>(std::floor(value + kFleetSlack));
}

}  // namespace

std::int64_t surged(std::int64_t instances, double surge) {
  return static_cast<std::int64_t>(
      std::ceil(static_cast<double>(instances) * (1 + surge) - kFleetSlack));
}

FleetBudget fleet_budget(const ServerSlots& slots, const std::vector<ServiceShape>& services) {
  FleetBudget budget;
  budget.available = slots.max_connections - slots.reserved - slots.others;
  budget.usable = floored_share(static_cast<double>(budget.available) * (1 - slots.headroom));
  double pools = 0;
  for (const ServiceShape& service : services) {
    const double processes = service.instances * static_cast<double>(service.processes);
    for (const PoolShape& pool : service.pools) {
      pools += processes;
      budget.peak += processes * static_cast<double>(pool.total());
      budget.steady += processes * static_cast<double>(pool.pool_size);
    }
  }
  if (pools > 0 && budget.usable > 0) {
    budget.largest_pool = floored_share(static_cast<double>(budget.usable) / pools);
  }
  if (budget.peak > static_cast<double>(budget.available)) {
    budget.verdict = BudgetVerdict::fail;
  } else if (budget.peak > static_cast<double>(budget.usable)) {
    budget.verdict = BudgetVerdict::warn;
  }
  return budget;
}

std::int64_t max_connections_for(double peak, const ServerSlots& slots) {
  constexpr double kStep = 10;
  const double needed = peak / (1 - slots.headroom) + static_cast<double>(slots.others) +
                        static_cast<double>(slots.reserved);
  return static_cast<std::int64_t>(std::ceil(needed / kStep - kFleetSlack) * kStep);
}

double page_tables_mib(std::int64_t connections, double touched_shared_mib, double page_kib) {
  constexpr double kEntryKib = 8.0 / 1024;
  return static_cast<double>(connections) * touched_shared_mib * kEntryKib / page_kib;
}

MemoryFigures memory_figures(const ServerMemory& memory) {
  const double connections = static_cast<double>(memory.connections);
  const double nodes = static_cast<double>(memory.sorts) +
                       static_cast<double>(memory.hashes) * memory.hash_mem_multiplier;
  MemoryFigures figures;
  figures.backends = connections * memory.backend;
  figures.work = static_cast<double>(memory.active) * nodes * memory.work_mem *
                 static_cast<double>(1 + memory.parallel_workers);
  figures.page_tables =
      page_tables_mib(memory.connections, memory.touched_shared.value_or(memory.shared_buffers));
  figures.total = memory.shared_buffers + figures.backends + figures.work;
  return figures;
}

PgbouncerFigures pgbouncer_figures(const PgbouncerShape& shape) {
  const std::int64_t pairs = shape.databases * shape.users;
  return {shape.processes * pairs * (shape.pool_size + shape.reserve_pool_size),
          shape.max_client_conn + shape.pool_size * pairs};
}

}  // namespace poolgauge
