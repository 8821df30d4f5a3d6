// Budgets of connections, memory and a pooler.
#include "advise/fleet.h"
#include "examples/example.h"

namespace poolgauge::examples {

namespace {

std::vector<PoolShape> pools_of(const Inputs& service) {
  std::vector<PoolShape> pools;
  for (const Json& pool : service.at("pools")) {
    if (!pool.is_array() || pool.size() != 2) throw Trouble("a pool is [pool_size, max_overflow]");
    pools.push_back({pool[0].get<std::int64_t>(), pool[1].get<std::int64_t>()});
  }
  return pools;
}

const char* name_of_verdict(BudgetVerdict verdict) {
  switch (verdict) {
    case BudgetVerdict::ok: return "OK";
    case BudgetVerdict::warn: return "WARN";
    case BudgetVerdict::fail: return "FAIL";
  }
  return "";
}

/// Here, as in the examples, a surge need not make a whole instance.
Json of_budget(const Inputs& in) {
  const ServerSlots slots{in.count("max_connections"),
                          in.count_or("superuser_reserved", 3) + in.count_or("reserved", 0),
                          in.count_or("other", 0), in.number_or("headroom", 0)};
  std::vector<ServiceShape> services;
  for (const Json& one : in.at("services")) {
    const Inputs service(one, one);
    const double surge = service.number_or("surge", in.number_or("surge", 0));
    services.push_back(
        {service.number("instances") * (1 + surge), service.count("processes"), pools_of(service)});
  }
  const FleetBudget budget = fleet_budget(slots, services);
  return {{"avail", budget.available},
          {"usable", budget.usable},
          {"peak", budget.peak},
          {"steady", budget.steady},
          {"verdict", name_of_verdict(budget.verdict)},
          {"max_per_process_total", budget.largest_pool},
          {"recommended_max_connections", max_connections_for(budget.peak, slots)}};
}

Json of_memory(const Inputs& in) {
  ServerMemory memory;
  memory.shared_buffers = in.number("shared_buffers_mib");
  memory.connections = in.count("connections");
  memory.backend = in.number("base_mib");
  memory.active = in.count("active");
  memory.sorts = in.count("sorts");
  memory.hashes = in.count("hashes");
  memory.work_mem = in.number("work_mem_mib");
  memory.hash_mem_multiplier = in.number("hash_mem_multiplier");
  memory.parallel_workers = in.count_or("parallel_workers", 0);
  memory.touched_shared = in.number_or("touched_shared_mib", memory.shared_buffers);
  const MemoryFigures figures = memory_figures(memory);
  return {{"total_mib", figures.total},
          {"work_mib", figures.work},
          {"backends_mib", figures.backends},
          {"page_tables_mib", figures.page_tables}};
}

Json of_work_mem(const Inputs& in) {
  ServerMemory memory;
  memory.shared_buffers = 0;
  memory.connections = in.count("connections");
  memory.active = memory.connections;
  memory.work_mem = in.number("work_mem_mb");
  memory.sorts = in.count("sorts");
  memory.hashes = in.count("hashes");
  memory.hash_mem_multiplier = in.number("hash_mem_multiplier");
  memory.backend = in.number("base_mb");
  return {{"seed_mb", in.number("connections") * memory.work_mem},
          {"bound_mb", memory_figures(memory).total}};
}

Json of_pgbouncer(const Inputs& in) {
  const PgbouncerFigures figures =
      pgbouncer_figures({in.count("databases"), in.count("users"), in.count("default_pool_size"),
                         in.count_or("reserve_pool_size", 0), in.count_or("max_client_conn", 100),
                         in.count_or("pgbouncer_processes", 1)});
  return {{"server_conns", figures.server_connections},
          {"fds", figures.descriptors},
          {"fds_per_process", figures.descriptors}};
}

Json of_page_tables(const Inputs& in) {
  constexpr double kMibPerGib = 1024;
  constexpr double kHugePageKib = 2048;
  const double touched = in.number("touched_shared_gib") * kMibPerGib;
  return {{"small_pages_gib", page_tables_mib(in.count("connections"), touched) / kMibPerGib},
          {"huge_pages_mib", page_tables_mib(in.count("connections"), touched, kHugePageKib)}};
}

const Formula kFormulas[] = {
    {"budget", {"max_connections", "services"}, of_budget},
    {"memory",
     {"shared_buffers_mib", "connections", "base_mib", "active", "sorts", "hashes", "work_mem_mib",
      "hash_mem_multiplier"},
     of_memory},
    {"work_mem bound",
     {"connections", "work_mem_mb", "sorts", "hashes", "hash_mem_multiplier", "base_mb"},
     of_work_mem},
    {"page tables", {"connections", "touched_shared_gib"}, of_page_tables},
    {"PgBouncer", {"databases", "users", "default_pool_size"}, of_pgbouncer},
};

}  // namespace

std::span<const Formula> fleet_formulas() {
  return kFormulas;
}

}  // namespace poolgauge::examples
