// Every published rule, what it assumes, what it answers here and when it misleads.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "base/text.h"
#include "math/queues.h"

namespace poolgauge {

namespace {

constexpr double kMibPerGib = 1024;
constexpr double kBytesPerMib = 1024.0 * 1024;

double as_double(std::int64_t value) {
  return static_cast<double>(value);
}

/// What the fleet opens when each pool has the rule's size.
void follow_in_each_pool(const SizeCase& c, FormulaAnswer& rule) {
  rule.fleet = c.peak_pools() * (rule.pool_size.value_or(0) + rule.max_overflow.value_or(0));
  const std::int64_t limit = rule.max_connections.value_or(c.slots.max_connections);
  rule.fits =
      *rule.fleet <= std::max(limit, c.slots.max_connections) - c.slots.reserved - c.slots.others;
}

/// The rule means all processes together.
void follow_in_all(const SizeCase& c, FormulaAnswer& rule) {
  rule.fleet = rule.pool_size;
  rule.fits = *rule.fleet <= c.slots.max_connections - c.slots.reserved - c.slots.others;
  if (c.pools() > 1) {
    const double each = as_double(*rule.pool_size) / as_double(c.pools());
    rule.note += fmt::format("{}shared by {}: {} for each", rule.note.empty() ? "" : "; ",
                             counted(c.pools(), "pool"), significant(each));
  }
}

FormulaAnswer workers(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "workers-x2";
  rule.name = "workers × 2, overflow = size × 2, max_connections = (size + overflow) × 1.5";
  rule.source = "field reports, many blogs";
  rule.assumes = "\"workers\" are processes, and one pool serves them all";
  rule.misleads =
      "each process has its own pool, so the fleet opens a multiple of this; ignores how long a "
      "connection is held";
  const rules::WorkerRule answer = rules::per_worker(c.in.processes, 2);
  const rules::WorkerRule more = rules::per_worker(c.in.processes, 3);
  rule.inputs = {{"workers", as_double(c.in.processes)}};
  rule.pool_size = answer.pool_size;
  rule.max_overflow = answer.max_overflow;
  rule.max_connections = static_cast<std::int64_t>(std::ceil(answer.max_connections));
  rule.note =
      fmt::format("some sources use workers × 3: {} + {}", more.pool_size, more.max_overflow);
  follow_in_each_pool(c, rule);
  return rule;
}

FormulaAnswer cores_and_memory(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "cores-x3-memory-x2";
  rule.name = "min(cores × 3, GiB × 2), 5 to 50";
  rule.source = "field reports";
  rule.assumes = "the application's machine is the limit";
  rule.misleads =
      "the database is the limit, not the application; above 25 GiB and 17 cores the answer is the "
      "upper bound, not the formula";
  if (!c.in.app_cores || !c.in.app_memory_mib) {
    rule.note = "needs --app-cores and --app-memory";
    return rule;
  }
  const double gib = *c.in.app_memory_mib / kMibPerGib;
  rule.inputs = {{"cores", as_double(*c.in.app_cores)}, {"memory_gib", gib}};
  rule.pool_size = rules::cores_and_memory(*c.in.app_cores, gib);
  follow_in_each_pool(c, rule);
  return rule;
}

FormulaAnswer cores_and_spindles(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "cores-x2-spindles";
  rule.name = "cores × 2 + spindles";
  rule.source =
      "PostgreSQL wiki \"Number Of Database Connections\"; HikariCP \"About Pool Sizing\"";
  rule.assumes =
      "physical cores of the database; 0 spindles when the data is cached; connections that are "
      "always busy";
  rule.misleads =
      "never analyzed for SSDs; ignores idle time while a connection is held, and locks; often "
      "used per process or with the application's cores";
  rule.inputs = {{"cores", as_double(c.cores)}, {"spindles", as_double(c.spindles)}};
  rule.pool_size = rules::cores_and_spindles(c.cores, c.spindles);
  rule.note = c.in.ssd && !c.in.spindles ? "an SSD counted as one spindle" : "";
  follow_in_all(c, rule);
  return rule;
}

FormulaAnswer deadlock_bound(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "deadlock-bound";
  rule.name = "Tn × (Cm − 1) + 1";
  rule.source = "HikariCP \"About Pool Sizing\"";
  rule.assumes = "Tn threads that each acquire up to Cm connections one by one";
  rule.misleads =
      "a lower bound that avoids deadlock, not a size for performance; the better fix is Cm = 1";
  if (!c.in.threads) {
    rule.note = "needs --threads and --connections-per-request";
    return rule;
  }
  rule.inputs = {{"Tn", as_double(*c.in.threads)}, {"Cm", as_double(c.in.connections_per_request)}};
  rule.pool_size = rules::deadlock_free(*c.in.threads, c.in.connections_per_request);
  follow_in_each_pool(c, rule);
  return rule;
}

FormulaAnswer prisma(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "cores-x2-plus-1";
  rule.name = c.in.instances > 1 ? fmt::format("(cores × 2 + 1) / {} instances", c.in.instances)
                                 : std::string("cores × 2 + 1");
  rule.source = "Prisma documentation (v6)";
  rule.assumes =
      "physical cores of the application's machine; the result is divided by the number of "
      "instances";
  rule.misleads = "containers may see all cores of their host; ignores the database";
  if (!c.in.app_cores) {
    rule.note = "needs --app-cores";
    return rule;
  }
  rule.inputs = {{"cores", as_double(*c.in.app_cores)}, {"instances", as_double(c.in.instances)}};
  rule.pool_size = rules::prisma(*c.in.app_cores, c.in.instances);
  follow_in_each_pool(c, rule);
  return rule;
}

FormulaAnswer statistics(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "pg-stat-database";
  rule.name = "max(cores, parallel I/O) / (busy ratio × parallelism)";
  rule.source = "Cybertec, from pg_stat_database (version 14 and later)";
  rule.assumes = "one pool for all; busy ratio = active / (active + idle in transaction)";
  rule.misleads =
      "lock waits count as active; the counters cover all applications; some sources use the "
      "smaller of cores and parallel I/O";
  if (!c.in.hold_s || !c.in.sql_s || *c.in.hold_s <= 0) {
    rule.note = "needs --hold and --sql-time, or the server's statistics";
    return rule;
  }
  const double busy = std::min(1.0, *c.in.sql_s / *c.in.hold_s);
  const auto limits =
      rules::from_statistics(as_double(c.cores), as_double(std::max(c.cores, c.spindles)), busy, 1);
  rule.inputs = {{"cores", as_double(c.cores)}, {"busy_ratio", busy}, {"parallelism", 1}};
  rule.pool_size = std::max<std::int64_t>(1, static_cast<std::int64_t>(limits.high + 1e-9));
  rule.note = fmt::format("busy ratio {}", percent(busy));
  follow_in_all(c, rule);
  return rule;
}

FormulaAnswer pgtune(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "pgtune";
  rule.name = "a table by workload type";
  rule.source = "pgtune";
  rule.assumes = "a workload type; three uses of work_mem in each backend";
  rule.misleads =
      "constants that ignore load and pools; the minimum work_mem of 4 MB can exceed the memory "
      "with many connections";
  rule.max_connections = rules::pgtune_max_connections(rules::PgtuneLoad::web);
  rule.note = "for web applications; OLTP 300, mixed 100, data warehouse 40, desktop 20";
  if (c.in.memory_mib) {
    const rules::PgtuneMemory memory{*c.in.memory_mib, *c.in.memory_mib / 4, *rule.max_connections};
    rule.inputs = {{"memory_gib", *c.in.memory_mib / kMibPerGib}};
    rule.note += fmt::format("; work_mem {:.0f} MB",
                             rules::pgtune_work_mem_mib(rules::PgtuneLoad::web, memory));
  }
  return rule;
}

FormulaAnswer provider(const char* id, const char* name, const char* source) {
  FormulaAnswer rule;
  rule.id = id;
  rule.name = name;
  rule.source = source;
  rule.assumes = "that provider's machine with the given memory or cores";
  rule.misleads = "this is an upper limit, not a recommendation";
  return rule;
}

std::vector<FormulaAnswer> providers(const SizeCase& c) {
  FormulaAnswer rds = provider("aws-rds", "memory / 9531392 bytes, at most 5000", "AWS RDS");
  FormulaAnswer azure = provider("azure", "about memory / 10^7 bytes, at most 5000, minus 15",
                                 "Azure Flexible Server");
  FormulaAnswer yandex = provider("yandex", "200 × cores − 15", "Yandex Managed PostgreSQL");
  if (c.in.memory_mib) {
    const double gib = *c.in.memory_mib / kMibPerGib;
    rds.inputs = azure.inputs = {{"memory_gib", gib}};
    rds.max_connections = rules::rds_max_connections(*c.in.memory_mib * kBytesPerMib);
    azure.max_connections = rules::azure_max_connections(gib);
  } else {
    rds.note = azure.note = "needs --memory";
  }
  yandex.inputs = {{"cores", as_double(c.cores)}};
  yandex.max_connections = rules::yandex_max_connections(c.cores);
  return {rds, azure, yandex};
}

FormulaAnswer oracle(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "oracle-static";
  rule.name = "1 to 10 connections per core, fixed";
  rule.source = "Oracle Real-World Performance";
  rule.assumes = "short, CPU-bound statements";
  rule.misleads = "ignores idle time while a connection is held";
  rule.inputs = {{"cores", as_double(c.cores)}};
  rule.pool_size = c.cores * 10;
  rule.max_overflow = 0;
  rule.note = fmt::format("from {} to {}", c.cores, c.cores * 10);
  follow_in_all(c, rule);
  return rule;
}

FormulaAnswer field_report(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "field-report-profile";
  rule.name = "fixed sizes for \"" + c.profile.name + "\"";
  rule.source = "field reports";
  rule.assumes = "the load of the application for which it was reported";
  rule.misleads = "ignores load, cores, and processes";
  rule.pool_size = c.profile.field_report.pool_size;
  rule.max_overflow = c.profile.field_report.max_overflow;
  rule.max_connections = rules::next_multiple(1.5 * as_double(c.profile.field_report.total()), 50);
  rule.note = "max_connections = 1.5 × (pool + overflow) of one process, rounded up to the next 50";
  follow_in_each_pool(c, rule);
  return rule;
}

FormulaAnswer little(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "little";
  rule.name = "rate × hold";
  rule.source = "Little's law";
  rule.assumes = "long-run means, any distribution";
  rule.misleads =
      "only a mean: a pool of exactly this size has an unbounded queue; the hold time itself grows "
      "with the load";
  if (!c.knows_demand()) {
    rule.note = "needs --rate and --hold";
    return rule;
  }
  const double busy = *c.in.rate_per_s * *c.in.hold_s;
  rule.inputs = {{"rate_per_s", *c.in.rate_per_s}, {"hold_s", *c.in.hold_s}};
  rule.pool_size = static_cast<std::int64_t>(std::max(1.0, std::ceil(busy - 1e-9)));
  rule.note = fmt::format("{} busy on average, without growth", significant(busy));
  if (c.in.connections_per_request > 1) {
    rule.note += fmt::format("; {} times that because each request holds {}",
                             c.in.connections_per_request, c.in.connections_per_request);
  }
  follow_in_all(c, rule);
  return rule;
}

FormulaAnswer erlang(const SizeCase& c) {
  FormulaAnswer rule;
  rule.id = "erlang-c";
  rule.name = "Erlang C";
  rule.source = "A. K. Erlang 1917; M/M/c";
  rule.assumes = "independent arrivals, exponential hold times that do not depend on the load";
  rule.misleads = "ignores bursts, hold times that grow with the load, and a saturated database";
  if (!c.knows_demand()) {
    rule.note = "needs --rate and --hold";
    return rule;
  }
  const double erlangs = c.pool_erlangs(*c.in.hold_s);
  const auto servers = math::servers_for(erlangs, c.profile.wait_goal);
  if (!servers) {
    rule.note = "more than 100,000 connections";
    return rule;
  }
  rule.inputs = {{"erlangs_per_pool", erlangs}, {"wait_probability", c.profile.wait_goal}};
  rule.pool_size = static_cast<std::int64_t>(*servers);
  rule.note = fmt::format("at most {} wait, including {} growth", percent(c.profile.wait_goal),
                          percent(c.profile.growth));
  follow_in_each_pool(c, rule);
  return rule;
}

}  // namespace

std::vector<FormulaAnswer> rule_answers(const SizeCase& c) {
  std::vector<FormulaAnswer> rules = {workers(c),
                                      cores_and_memory(c),
                                      cores_and_spindles(c),
                                      deadlock_bound(c),
                                      prisma(c),
                                      statistics(c),
                                      little(c),
                                      erlang(c),
                                      oracle(c),
                                      field_report(c),
                                      pgtune(c)};
  for (FormulaAnswer& rule : providers(c)) rules.push_back(std::move(rule));
  return rules;
}

}  // namespace poolgauge
