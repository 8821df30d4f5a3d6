// From a scenario, or from a few numbers, to what can be compared with a server.
#include "cli/commands/doctor_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/scenario_needs.h"
#include "base/text.h"

namespace poolgauge::cli {

namespace {

void take_numbers(const DoctorOptions& options, DoctorPlan& plan) {
  if (!options.pool_size && !options.max_overflow) return;
  const std::int64_t pool = options.pool_size.value_or(0) + options.max_overflow.value_or(0);
  const std::int64_t processes = options.processes.value_or(1);
  plan.instances = options.instances.value_or(1);
  plan.per_instance = processes * pool;
  plan.connections = plan.instances * processes * pool;
  plan.arithmetic = fmt::format("{} × {} × ({} + {})", counted(plan.instances, "instance"),
                                counted(processes, "process", "es"), options.pool_size.value_or(0),
                                options.max_overflow.value_or(0));
}

}  // namespace

std::vector<Override> deployment_overrides(const DoctorOptions& options) {
  std::vector<Override> overrides;
  const auto add = [&overrides](const char* flag, const char* key,
                                const std::optional<std::int64_t>& value) {
    if (value) overrides.push_back({flag, key, std::to_string(*value)});
  };
  add("--instances", "instances", options.instances);
  add("--processes", "processes", options.processes);
  add("--pool-size", "pool:pool_size", options.pool_size);
  add("--max-overflow", "pool:max_overflow", options.max_overflow);
  return overrides;
}

DoctorPlan doctor_plan(const DoctorOptions& options, const Scenario* scenario) {
  DoctorPlan plan;
  plan.cores = options.cores;
  plan.memory_mib = options.memory_mib;
  if (options.surge) plan.surge = *options.surge;
  plan.shared = options.shared;
  plan.may_replace = options.allow_setup;
  if (scenario != nullptr) {
    take_needs(*scenario, plan);
  } else {
    take_numbers(options, plan);
  }
  return plan;
}

}  // namespace poolgauge::cli
