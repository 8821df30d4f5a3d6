// Whether what was asked can work at all: it fits, and its requests cannot wait for each other for
// ever. And what would make it work.
#include <algorithm>

#include <fmt/core.h>

#include "advise/size_case.h"
#include "base/text.h"

namespace poolgauge {

namespace {

/// "10 processes × 60".
std::string short_fleet(const SizeCase& c, std::int64_t total) {
  std::string fleet = c.in.instances > 1 ? counted(c.in.instances, "instance") + " × " : "";
  fleet += counted(c.in.processes, "process", "es") + " × ";
  if (c.in.pools > 1) fleet += counted(c.in.pools, "pool") + " × ";
  return fleet + whole_words(total);
}

/// "10 processes × 60 = 600 connections, but max_connections is 100 and 92 are usable: ...".
SizeProblem too_many(const SizeCase& c, const PoolShape& pool) {
  const std::int64_t steady = c.pools() * pool.total();
  const std::string usable = usable_words(c.slots);
  if (steady <= c.available()) {
    return {"server", fmt::format("while deploying: {}, but only {} are available: {}",
                                  fleet_words(c, pool), whole_words(c.available()), usable)};
  }
  const std::string fleet =
      fmt::format("{} = {} connections", short_fleet(c, pool.total()), whole_words(steady));
  const std::string limit = whole_words(c.slots.max_connections);
  if (steady > c.slots.max_connections) {
    return {"server", fmt::format("{}, but max_connections is {} and {} are available: {}", fleet,
                                  limit, whole_words(c.available()), usable)};
  }
  return {"server", fmt::format("{}, but only {} of max_connections {} are available: {}", fleet,
                                whole_words(c.available()), limit, usable)};
}

std::optional<SizeProblem> memory_problem(const SizeCase& c, std::int64_t connections) {
  if (!c.memory_connections || connections <= *c.memory_connections) return std::nullopt;
  return SizeProblem{"memory", fmt::format("{} across the fleet, but {:.0f} MiB of memory is "
                                           "enough for {} (10 % left for the operating system)",
                                           counted(connections, "connection"), *c.in.memory_mib,
                                           whole_words(*c.memory_connections))};
}

std::optional<SizeProblem> replica_problem(const SizeCase& c, const Sizing& sizing) {
  for (const Hop& hop : sizing.hops) {
    if (hop.name != "replica" || hop.budget.fits()) continue;
    ServerSlots slots = c.slots;
    slots.max_connections = hop.budget.max_connections;
    return SizeProblem{"replica",
                       fmt::format("replica: {}, but only {} are available: {}", hop.arithmetic,
                                   whole_words(hop.budget.available), usable_words(slots))};
  }
  return std::nullopt;
}

std::optional<SizeProblem> deadlock_problem(const SizeCase& c, std::int64_t total) {
  if (total >= c.least_safe()) return std::nullopt;
  const std::int64_t k = c.in.connections_per_request;
  const std::string need =
      c.in.threads
          ? fmt::format(
                "{} × {} connections at once need {} to rule out a deadlock: {} × ({} − 1) + 1",
                counted(*c.in.threads, "request"), k, whole_words(c.least_safe()),
                whole_words(*c.in.threads), k)
          : fmt::format("a single request needs {} at once", k);
  return SizeProblem{"deadlock",
                     fmt::format("{} per process, but {}", counted(total, "connection"), need)};
}

PoolShape checked_pool(const Sizing& sizing) {
  if (sizing.judged) return {sizing.judged->pool_size, sizing.judged->max_overflow};
  return {sizing.recommendation.pool_size, sizing.recommendation.max_overflow};
}

/// Slots as they would be: with the recommendation's max_connections where no sizes were given.
SizeCase as_judged(const SizeCase& c, const Sizing& sizing) {
  SizeCase judged = c;
  const bool given = sizing.judged || c.in.default_pool_size || c.in.reserve_pool_size;
  if (!given) judged.slots.max_connections = sizing.recommendation.max_connections;
  return judged;
}

Alternative fewer_pools(const SizeCase& c, std::int64_t total) {
  const std::int64_t pools = c.room(true) / total;
  const std::int64_t processes = pools / (c.peak_instances * c.in.pools);
  Alternative way;
  if (processes >= 1) {
    way.change = fmt::format("{} per instance instead of {}", counted(processes, "process", "es"),
                             c.in.processes);
    way.needed = processes * c.peak_instances * c.in.pools * total;
  } else {
    const std::int64_t instances = pools / (c.in.processes * c.in.pools);
    if (instances < 1) return way;
    way.change = fmt::format("{} instead of {}", counted(instances, "instance"), c.peak_instances);
    way.needed = instances * c.in.processes * c.in.pools * total;
  }
  way.pool_size = total;
  way.max_overflow = 0;
  const bool one = *way.needed == total;  // a single pool is left
  way.effect =
      fmt::format("{} {} connections then need{} {} of the {} available slots, with {} kept free",
                  one ? "its pool of" : "pools of", total, one ? "s" : "", whole_words(*way.needed),
                  whole_words(c.available()), percent(c.slots.headroom));
  return way;
}

Alternative raise_limit(const SizeCase& c, std::int64_t total) {
  const std::int64_t needed = total * c.peak_pools();
  const std::int64_t limit = max_connections_for(static_cast<double>(needed), c.slots);
  Alternative way;
  if (limit > kMostConnections || (c.memory_connections && needed > *c.memory_connections)) {
    return way;
  }
  way.change = fmt::format("max_connections {}", limit);
  way.pool_size = total;
  way.max_overflow = 0;
  way.needed = needed;
  way.effect = fmt::format(
      "enough for {} connections in each pool with {} of the slots kept free; requires a restart{}",
      total, percent(c.slots.headroom),
      c.in.memory_mib ? "" : ", and memory for the additional connections (--memory)");
  return way;
}

Alternative pooler_between(const SizeCase& c) {
  Alternative way;
  // Requests that hold several connections at once can deadlock in the pooler's pool, too.
  if (c.in.connections_per_request > 1) return way;
  way.change = "PgBouncer in transaction mode (--pgbouncer)";
  way.needed = c.room(true);
  way.effect =
      fmt::format("all processes share up to {} server connections", whole_words(*way.needed));
  return way;
}

Alternative more_memory(const SizeCase& c, std::int64_t connections) {
  constexpr double kMost = 1e9;
  SizeCase larger = c;
  // Doubling is near enough: memory comes in powers of two. shared_buffers stays as it is.
  larger.in.shared_buffers_mib = c.in.shared_buffers_mib.value_or(*c.in.memory_mib / 4);
  while (connections_in_memory(larger).value_or(0) < connections && *larger.in.memory_mib < kMost) {
    *larger.in.memory_mib *= 2;
  }
  Alternative way;
  if (connections_in_memory(larger).value_or(0) < connections) return way;
  way.change = fmt::format("{:g} GiB of memory", *larger.in.memory_mib / 1024);
  way.effect = fmt::format("enough for {} with the current work_mem; a smaller work_mem needs less",
                           counted(connections, "connection"));
  return way;
}

void against_deadlock(const SizeCase& c, std::int64_t total, std::vector<Alternative>& ways) {
  const std::int64_t k = c.in.connections_per_request;
  ways.push_back({"one connection per request: release the first before acquiring the second",
                  {},
                  {},
                  {},
                  "any pool size is then safe"});
  if (c.in.threads && total >= k) {
    const std::int64_t safe = (total - 1) / (k - 1);
    ways.push_back({fmt::format("at most {} at once per process (--threads {})",
                                counted(safe, "request"), safe),
                    total, 0, total * c.peak_pools(),
                    fmt::format("{} connections per process then cannot deadlock", total)});
  }
}

}  // namespace

std::vector<SizeProblem> problems_of(const SizeCase& given, const Sizing& sizing) {
  const SizeCase c = as_judged(given, sizing);
  const PoolShape pool = checked_pool(sizing);
  const std::int64_t fleet = fleet_total(c, pool);
  std::vector<SizeProblem> problems;
  if (c.in.pgbouncer) {
    problems = pooler_problems(c, sizing);
    if (auto memory = memory_problem(c, pooler_server_connections(c, sizing))) {
      problems.push_back(*memory);
    }
  } else {
    if (fleet > c.available()) problems.push_back(too_many(c, pool));
    if (auto memory = memory_problem(c, fleet)) problems.push_back(*memory);
  }
  if (auto replica = replica_problem(c, sizing)) problems.push_back(*replica);
  if (auto deadlock = deadlock_problem(c, pool.total())) problems.push_back(*deadlock);
  std::stable_partition(problems.begin(), problems.end(),
                        [](const SizeProblem& one) { return !one.deadlocks(); });
  return problems;
}

std::vector<SizeProblem> own_problems(const SizeCase& c, const Sizing& sizing) {
  SizeCase own = c;
  own.in.default_pool_size = own.in.reserve_pool_size = own.in.max_client_conn = std::nullopt;
  own.in.replica_pool_size = std::nullopt;
  Sizing recommended = sizing;
  recommended.judged = std::nullopt;
  std::erase_if(recommended.hops, [](const Hop& hop) { return hop.name == "replica"; });
  return problems_of(own, recommended);
}

std::vector<Alternative> ways_out(const SizeCase& given, const Sizing& sizing) {
  if (sizing.problems.empty()) return {};
  const SizeCase c = as_judged(given, sizing);
  std::vector<Alternative> ways =
      c.in.pgbouncer ? pooler_ways_out(c, sizing) : std::vector<Alternative>{};
  const std::int64_t total = checked_pool(sizing).total();
  bool deadlocks = false;
  bool exceeds = false;
  for (const SizeProblem& problem : sizing.problems) {
    if (problem.deadlocks() && !deadlocks) {
      against_deadlock(c, std::min(total, std::max<std::int64_t>(1, c.largest(true))), ways);
    }
    deadlocks = deadlocks || problem.deadlocks();
    exceeds = exceeds || problem.id == "server" || problem.id == "memory";
    if (problem.id == "memory") ways.push_back(more_memory(c, fleet_total(c, {total, 0})));
  }
  if (!c.in.pgbouncer && (exceeds || deadlocks)) {
    // What the pool must have: what was asked for, and no less than is safe.
    const std::int64_t needed = std::max(total, c.least_safe());
    if (needed * c.peak_pools() <= c.room(true)) {
      ways.push_back({fmt::format("{} {}", total_name(c.in.names), needed), needed, 0,
                      needed * c.peak_pools(), "fits, and cannot deadlock"});
    } else {
      ways.push_back(fewer_pools(c, needed));
      if (exceeds) ways.push_back(pooler_between(c));
      ways.push_back(raise_limit(c, needed));
    }
  }
  std::erase_if(ways, [](const Alternative& way) { return way.change.empty(); });
  return ways;
}

}  // namespace poolgauge
