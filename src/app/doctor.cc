// What is asked of `doctor` becomes a plan, and the plan a round of checks.
#include "app/doctor.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace poolgauge::app {

namespace {

Status check_names(const DoctorRequest& request) {
  for (const auto& [flag, words] :
       {std::pair("--only", &request.only), std::pair("--skip", &request.skip)}) {
    const std::vector<std::string> unknown = doctor::unknown_names(*words);
    if (unknown.empty()) continue;
    return usage_error(
        fmt::format("{}: there is no check \"{}\"", flag, unknown.front()),
        "checks are named A1 to I5, groups A to I; poolgauge doctor --sql lists them");
  }
  const doctor::Selection selection{request.only, request.skip};
  const auto all = doctor::checks();
  if (std::none_of(all.begin(), all.end(),
                   [&selection](const auto& check) { return selection.has(check.id); })) {
    return usage_error("--only and --skip exclude every check", "remove one of them");
  }
  return success();
}

/// Flags that only count together with a pool's size.
Status check_fleet(const DoctorRequest& request) {
  if (!request.scenario.empty() || request.pool_size || request.max_overflow) return success();
  const char* const flag = request.instances   ? "--instances"
                           : request.processes ? "--processes"
                           : request.surge     ? "--surge"
                                               : nullptr;
  if (flag == nullptr) return success();
  return usage_error(fmt::format("{} needs the size of a pool", flag),
                     "add --pool-size, or a scenario");
}

void take_numbers(const DoctorRequest& request, DoctorPlan& plan) {
  if (!request.pool_size && !request.max_overflow) return;
  const std::int64_t pool = request.pool_size.value_or(0) + request.max_overflow.value_or(0);
  const std::int64_t processes = request.processes.value_or(1);
  plan.instances = request.instances.value_or(1);
  plan.per_instance = processes * pool;
  plan.connections = plan.instances * processes * pool;
  plan.arithmetic = fmt::format("{} × {} × ({} + {})", counted(plan.instances, "instance"),
                                counted(processes, "process", "es"), request.pool_size.value_or(0),
                                request.max_overflow.value_or(0));
}

}  // namespace

Status check_doctor(const DoctorRequest& request) {
  if (Status known = check_names(request); !known.ok()) return known;
  return check_fleet(request);
}

std::vector<Override> deployment_overrides(const DoctorRequest& request) {
  std::vector<Override> overrides;
  const auto add = [&overrides](const char* flag, const char* key,
                                const std::optional<std::int64_t>& value) {
    if (value) overrides.push_back({flag, key, std::to_string(*value)});
  };
  add("--instances", "instances", request.instances);
  add("--processes", "processes", request.processes);
  add("--pool-size", "pool:pool_size", request.pool_size);
  add("--max-overflow", "pool:max_overflow", request.max_overflow);
  return overrides;
}

DoctorPlan doctor_plan(const DoctorRequest& request, const Scenario* scenario) {
  DoctorPlan plan;
  plan.cores = request.cores;
  plan.memory_mib = request.memory_mib;
  if (request.surge) plan.surge = *request.surge;
  plan.shared = request.shared;
  plan.may_replace = request.allow_setup;
  if (scenario != nullptr) {
    take_needs(*scenario, plan);
  } else {
    take_numbers(request, plan);
  }
  return plan;
}

doctor::HealthPlan health_plan(const DoctorRequest& request) {
  doctor::HealthPlan plan;
  plan.application = request.application;
  const std::int64_t fleet = request.instances.value_or(1) * request.processes.value_or(1);
  if (request.pool_size) plan.size = fleet * *request.pool_size;
  if (plan.size) plan.capacity = *plan.size + fleet * request.max_overflow.value_or(0);
  return plan;
}

OrFailure<DoctorCase> doctor_case(const DoctorRequest& request, const Context& context) {
  if (request.scenario.empty()) return DoctorCase{std::nullopt, doctor_plan(request, nullptr)};
  OrFailure<Scenario> loaded =
      typed_scenario(request.scenario, {}, context.environment, deployment_overrides(request));
  if (!loaded.ok()) return loaded.failure();
  Scenario& scenario = loaded.value();
  DoctorPlan plan = doctor_plan(request, &scenario);
  return DoctorCase{std::move(scenario), std::move(plan)};
}

Result<Diagnosed> diagnose_server(const DoctorRequest& request, const DoctorCase& asked,
                                  const std::string& conninfo,
                                  const std::function<double()>& clock_s, const StopFlag& stop) {
  const doctor::Selection selection{request.only, request.skip};
  DoctorWishes wishes = wishes_for(selection, DoctorPace::watch);
  wishes.console = request.pgbouncer.value_or("");
  wishes.wall_clock_s = clock_s;
  Result<DoctorFacts> facts = read_doctor_facts(conninfo, wishes, stop);
  if (!facts.ok()) return facts.error();
  const auto checks = doctor::checks();
  const bool wanted = std::any_of(checks.begin(), checks.end(), [&selection](const auto& check) {
    return check.id[0] == 'I' && selection.has(check.id);
  });
  if (asked.scenario && wanted && facts.value().version_num != 0) {
    Result<DoctorScenario> seen = look_at_scenario(conninfo, *asked.scenario, facts.value(), stop);
    if (!seen.ok()) return seen.error();
    facts.value().scenario = std::move(seen).value();
  }
  return doctor::judge(facts.value(), asked.plan, selection);
}

}  // namespace poolgauge::app
