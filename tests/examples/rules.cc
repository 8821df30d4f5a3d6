// Published rules, and the arithmetic of the field reports.
#include <algorithm>
#include <cmath>

#include "advise/rules.h"
#include "examples/example.h"

namespace poolgauge::examples {

namespace {

std::int64_t at_least_one(const Inputs& in, const std::string& key) {
  const std::int64_t value = in.count(key);
  if (value < 1) throw Trouble("input \"" + key + "\" is not above 0");
  return value;
}

double above_zero(const Inputs& in, const std::string& key) {
  const double value = in.number(key);
  if (!(value > 0)) throw Trouble("input \"" + key + "\" is not above 0");
  return value;
}

/// A list of pairs of numbers.
std::vector<std::pair<double, double>> pairs(const Inputs& in, const std::string& key) {
  std::vector<std::pair<double, double>> all;
  for (const Json& one : in.at(key)) {
    if (!one.is_array() || one.size() != 2) throw Trouble("\"" + key + "\" is no list of pairs");
    all.emplace_back(one[0].get<double>(), one[1].get<double>());
  }
  return all;
}

Json of_cores(const Inputs& in) {
  Json out = {{"pool", rules::cores_and_spindles(in.count("cores"), in.count("spindles"))}};
  if (in.has("Tn") && in.has("Cm")) {
    out["deadlock_min"] = rules::deadlock_free(in.count("Tn"), at_least_one(in, "Cm"));
  }
  return out;
}

Json of_deadlock(const Inputs& in) {
  return {{"deadlock_min", rules::deadlock_free(in.count("Tn"), at_least_one(in, "Cm"))}};
}

Json of_prisma(const Inputs& in) {
  const std::int64_t cores = in.count("physical_cpus");
  return {{"default_pool", rules::prisma(cores, 1)},
          {"per_instance", rules::prisma(cores, at_least_one(in, "app_instances"))}};
}

Json of_statistics(const Inputs& in) {
  const rules::BusyRatio busy{in.number("active_time_ms"),
                              in.number("idle_in_transaction_time_ms")};
  const rules::StatisticsLimits limits =
      rules::from_statistics(in.number("cores"), in.number("parallel_io_limit"), busy.ratio(),
                             in.number_or("avg_parallelism", 1));
  return {{"busy_ratio", busy.ratio()}, {"limit_max", limits.high}, {"limit_min", limits.low}};
}

Json of_rds(const Inputs& in) {
  constexpr double kGib = 1024.0 * 1024 * 1024;
  Json out;
  for (const double gib : in.list("mem_gib")) {
    const std::int64_t connections = rules::rds_max_connections(gib * kGib);
    out["mc_" + name_of(gib)] = connections;
    if (!in.is_list("mem_gib")) out["mc"] = connections;
  }
  return out;
}

rules::PgtuneLoad pgtune_load(const Inputs& in) {
  if (!in.has("db_type") && !in.has("type")) return rules::PgtuneLoad::web;
  const std::string name = in.at(in.has("db_type") ? "db_type" : "type").get<std::string>();
  if (name == "web") return rules::PgtuneLoad::web;
  if (name == "oltp") return rules::PgtuneLoad::oltp;
  if (name == "dw") return rules::PgtuneLoad::dw;
  if (name == "desktop") return rules::PgtuneLoad::desktop;
  if (name == "mixed") return rules::PgtuneLoad::mixed;
  throw Trouble("unknown kind of database: " + name);
}

Json of_pgtune(const Inputs& in) {
  const rules::PgtuneLoad load = pgtune_load(in);
  const bool gib = in.has("ram_gib");
  const double ram = gib ? in.number("ram_gib") * 1024 : in.number("ram_mib");
  const double share = load == rules::PgtuneLoad::desktop ? 16 : 4;
  const double shared_buffers = in.has("shared_buffers_gib")
                                    ? in.number("shared_buffers_gib") * 1024
                                    : in.number_or("shared_buffers_mib", ram / share);
  const rules::PgtuneMemory memory{
      ram, shared_buffers, in.count_or("max_connections", rules::pgtune_max_connections(load)),
      in.count_or("max_worker_processes", 8)};
  const double work_mem = rules::pgtune_work_mem_mib(load, memory);
  return {{"max_connections", rules::pgtune_max_connections(load)},
          {"shared_buffers_mib", memory.shared_buffers_mib},
          {"work_mem_mib", work_mem},
          {"work_mem_kb", std::floor(work_mem * 1024)}};
}

Json of_cores_and_memory(const Inputs& in) {
  Json values = Json::array();
  for (const auto& [cores, gib] : pairs(in, "cases")) {
    values.push_back(rules::cores_and_memory(static_cast<std::int64_t>(cores), gib));
  }
  return {{"values", values}};
}

Json of_factor(const Inputs& in) {
  Json raw = Json::array();
  Json next50 = Json::array();
  Json next100 = Json::array();
  for (const auto& [size, overflow] : pairs(in, "cases")) {
    const double value = (size + overflow) * in.number("factor");
    raw.push_back(value);
    next50.push_back(rules::next_multiple(value, 50));
    next100.push_back(rules::next_multiple(value, 100));
  }
  return {{"raw", raw}, {"next50", next50}, {"next100", next100}};
}

Json of_recycling(const Inputs& in) {
  Json reconnects = Json::array();
  Json share = Json::array();
  for (const double every : in.list("recycle_s")) {
    reconnects.push_back(in.number("connections") / every);
    share.push_back(in.number("connect_s") / every);
  }
  if (in.is_list("recycle_s")) return {{"reconnects_per_s", reconnects}, {"fraction", share}};
  return {{"reconnects_per_s", reconnects[0]}, {"fraction", share[0]}};
}

/// A burst of N at once on c servers with equal service: the mean number of the wave.
double mean_wave(std::int64_t requests, std::int64_t servers) {
  double sum = 0;
  for (std::int64_t i = 0; i < requests; ++i) sum += static_cast<double>(i / servers + 1);
  return sum / static_cast<double>(requests);
}

Json of_burst(const Inputs& in) {
  const std::int64_t requests = at_least_one(in, "N");
  if (requests > 10'000'000) throw Trouble("too large a burst");
  Json out;
  std::vector<double> means;
  for (const double c : in.list("c")) {
    if (!(c >= 1)) throw Trouble("no servers");
    const auto servers = static_cast<std::int64_t>(c);
    means.push_back(mean_wave(requests, servers));
    out["mean_wave_" + name_of(c)] = means.back();
    out["last_start_" + name_of(c) + "_in_S"] = (requests - 1) / servers;
  }
  if (means.size() >= 2) out["ratio"] = means.front() / means.back();
  return out;
}

Json of_saturated(const Inputs& in) {
  Json out;
  std::vector<double> responses;
  for (const double c : in.list("c")) {
    responses.push_back(in.number("N") * in.number("S_s") / c);
    out["R_" + name_of(c)] = responses.back();
  }
  if (responses.size() >= 2) out["ratio"] = responses.front() / responses.back();
  return out;
}

Json of_claim(const Inputs& in) {
  const double hold = above_zero(in, "c1") / above_zero(in, "lambda1");
  return {{"S_s", hold},
          {"capacity_c2", in.number("c2") / hold},
          {"S_needed_for_claim", in.number("c2") / above_zero(in, "claimed_lambda2")}};
}

Json of_utilizations(const Inputs& in) {
  const double size = above_zero(in, "pool_size");
  const double capacity = size + in.number("max_overflow");
  const double busy = in.number("checked_out");
  const double open = in.number("checked_in") + busy;
  return {{"open_over_capacity_pct", 100 * open / capacity},
          {"busy_over_capacity_pct", 100 * busy / capacity},
          {"busy_over_pool_pct", 100 * busy / size}};
}

Json of_identity(const Inputs& in) {
  return {
      {"checked_out", in.number("pool_size") - in.number("checked_in") + in.number("overflow")}};
}

const Formula kFormulas[] = {
    {"cores and spindles", {"cores", "spindles"}, of_cores},
    {"deadlock bound", {"Tn", "Cm"}, of_deadlock},
    {"Prisma", {"physical_cpus", "app_instances"}, of_prisma},
    {"pg_stat_database",
     {"cores", "parallel_io_limit", "active_time_ms", "idle_in_transaction_time_ms"},
     of_statistics},
    {"RDS", {"mem_gib"}, of_rds},
    {"pgtune", {"db_type"}, of_pgtune},
    {"pgtune", {"type"}, of_pgtune},
    {"pgtune's work_mem", {"ram_gib", "shared_buffers_gib", "max_connections"}, of_pgtune},
    {"pool and overflow times a factor", {"cases", "factor"}, of_factor},
    {"cores and memory", {"cases"}, of_cores_and_memory},
    {"recycling", {"connections", "recycle_s", "connect_s"}, of_recycling},
    {"saturated closed system", {"N", "S_s", "c"}, of_saturated},
    {"burst", {"N", "c"}, of_burst},
    {"claim", {"c1", "lambda1", "c2", "claimed_lambda2"}, of_claim},
    {"utilisations", {"pool_size", "max_overflow", "checked_in", "checked_out"}, of_utilizations},
    {"identity of SQLAlchemy's counters", {"pool_size", "checked_in", "overflow"}, of_identity},
};

}  // namespace

std::span<const Formula> rule_formulas() {
  return kFormulas;
}

}  // namespace poolgauge::examples
