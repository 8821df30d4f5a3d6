// From a scenario to what can be compared with a server.
#include "app/doctor.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include <fmt/format.h>

#include "base/letters.h"
#include "base/text.h"
#include "engine/trial_watch.h"
#include "permit/permit.h"
#include "pg/target/budget.h"
#include "poolgauge/pool_sizing.h"
#include "sql/sql.h"

namespace poolgauge::app {

namespace {

void raise_to(std::optional<double>& most, double value) {
  most = std::max(most.value_or(0), value);
}

/// The age at which the pool replaces a connection; nothing: never, or not known.
std::optional<double> age_of(const PoolSpec& pool) {
  const auto names = sizing_options(pool.kind);
  if (!names || names->age.empty()) return std::nullopt;
  const OptionValue value = pool.get(names->age);
  const auto* age = std::get_if<Duration>(&value);
  if (age == nullptr || *age <= Duration{0}) return std::nullopt;
  return to_s(*age);
}

/// What 99 of 100 draws stay within; of a bounded distribution its bound.
struct LongestDraw {
  static constexpr double kNormal99 = 2.326;
  static constexpr double kNormal95 = 1.645;
  double operator()(const FixedDuration& d) const { return to_s(d.value); }
  double operator()(const UniformDuration& d) const { return to_s(d.high); }
  double operator()(const ExponentialDuration& d) const {
    return to_s(d.mean) * std::log(100.0);  // 1 of 100 is longer
  }
  double operator()(const LognormalDuration& d) const {
    const double spread = to_s(d.p95) / to_s(d.median);
    return to_s(d.median) * std::pow(spread, kNormal99 / kNormal95);
  }
  double operator()(const NormalDuration& d) const {
    return to_s(d.mean) + kNormal99 * to_s(d.stddev);
  }
  double operator()(const EmpiricalDuration& d) const {
    return to_s(*std::max_element(d.values.begin(), d.values.end()));
  }
};

void take_requests(const Scenario& scenario, DoctorPlan& plan) {
  plan.has_setup = !scenario.setup.empty() || !scenario.teardown.empty();
  plan.writes = plan.has_setup;
  for (const RequestSpec& request : scenario.requests) {
    const bool transaction = request.transaction != TransactionMode::none;
    plan.transactions = plan.transactions || transaction;
    double held = 0;
    for (const Step& step : request.steps) {
      if (step.kind == StepKind::hold && transaction) {
        const double longest = std::visit(LongestDraw(), step.time);
        held += longest;
        raise_to(plan.longest_hold_s, longest);
      }
      if (step.kind != StepKind::sql) continue;
      for (std::string& name : permit::tables_named(step.sql.text)) {
        const bool known =
            std::find(plan.tables.begin(), plan.tables.end(), name) != plan.tables.end();
        if (!known) plan.tables.push_back(std::move(name));
      }
      const bool on_primary = scenario.deployment.pool_at(step.pool).target == PoolTarget::primary;
      plan.writes = plan.writes || (on_primary && permit::surely_writes(step.sql.text));
      plan.prepares = plan.prepares || step.protocol == Protocol::prepared;
      if (step.cost) raise_to(plan.statement_s, to_s(mean_of(*step.cost)));
    }
    if (held > 0) raise_to(plan.longest_transaction_s, held);
  }
}

void take_deployment(const Scenario& scenario, DoctorPlan& plan) {
  const Deployment& deployment = scenario.deployment;
  const PoolSelection pools = pools_on(deployment, PoolTarget::primary);
  plan.connections = fleet_capacity(deployment, most_in_flight(scenario), pools);
  plan.instances = deployment.instances;
  if (plan.connections) {
    plan.per_instance = *plan.connections / std::max<std::int64_t>(1, plan.instances);
    plan.arithmetic = fmt::format("{} × {} × {}", counted(plan.instances, "instance"),
                                  counted(deployment.processes, "process", "es"),
                                  *plan.connections / deployment.fleet());
  }
  plan.reads_standby = deployment.uses(PoolTarget::replica);
  for (const std::uint32_t pool : pools) {
    if (const auto age = age_of(deployment.pool_at(pool))) raise_to(plan.pool_age_s, *age);
  }
  if (scenario.deadline) plan.deadline_s = to_s(*scenario.deadline);
  plan.load_s = to_s(scenario.warmup + scenario.duration);
  const auto* const burst = std::get_if<BurstLoad>(&scenario.load);
  if (burst != nullptr && burst->every.count() > 0) plan.gap_s = to_s(burst->every);
  take_requests(scenario, plan);
}

}  // namespace

void take_needs(const Scenario& scenario, DoctorPlan& plan) {
  take_deployment(scenario, plan);
}

}  // namespace poolgauge::app
