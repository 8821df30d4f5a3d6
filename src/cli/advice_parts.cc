// Simulations around the answer.
#include "cli/advice_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <variant>

#include "base/text.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/sizing.h"
#include "scenario/resolve.h"

namespace poolgauge::cli {

namespace {

std::string connections(std::int64_t count) {
  return fmt::format("{} connection{}", count, count == 1 ? "" : "s");
}

Alternative alternative(std::string change, std::int64_t total, std::int64_t fleet,
                        std::string effect) {
  Alternative one;
  one.change = std::move(change);
  one.pool_size = total;
  one.max_overflow = 0;
  one.needed = total * fleet;
  one.effect = std::move(effect);
  return one;
}

/// The smallest size of a changed scenario, in the model.
std::optional<std::int64_t> smallest_of(const Scenario& changed, const SimulatedSizes& sizes,
                                        std::int64_t most, const ServerProfile& profile) {
  return SimulatedSizes(changed, profile, sizes.plan()).smallest(most);
}

/// Holds become pauses: their requests give the connection back meanwhile, and their transactions
/// end with each statement.
std::optional<Scenario> released(const Scenario& scenario, std::string& names) {
  Scenario changed = scenario;
  bool any = false;
  for (RequestSpec& request : changed.requests) {
    bool held = false;
    for (Step& step : request.steps) {
      if (step.kind != StepKind::hold) continue;
      step.kind = StepKind::pause;
      held = true;
      if (names.find("\"" + step.name + "\"") == std::string::npos) {
        names += (names.empty() ? "\"" : ", \"") + step.name + "\"";
      }
    }
    if (!held) continue;
    any = true;
    request.transaction = TransactionMode::none;
  }
  const bool only_holds = std::none_of(
      changed.requests.begin(), changed.requests.end(), [](const RequestSpec& request) {
        return std::any_of(request.steps.begin(), request.steps.end(),
                           [](const Step& step) { return step.kind == StepKind::sql; });
      });
  if (!any || only_holds) return std::nullopt;
  return changed;
}

void add_release(const Scenario& scenario, const SimulatedSizes& sizes, std::int64_t total,
                 std::int64_t most, std::vector<Alternative>& all) {
  std::string names;
  const auto changed = released(scenario, names);
  if (!changed) return;
  const auto found = smallest_of(*changed, sizes, most, sizes.profile());
  if (!found || *found >= total) return;
  all.push_back(
      alternative("give the connection back during " + names, *found, scenario.deployment.fleet(),
                  fmt::format("pool_size {} meets the same goals (simulated, ± 1)", *found)));
}

void add_fewer_processes(const Scenario& scenario, const SimulatedSizes& sizes, std::int64_t total,
                         std::int64_t most, std::vector<Alternative>& all) {
  const Deployment& deployment = scenario.deployment;
  if (deployment.processes < 2) return;
  Scenario changed = scenario;
  changed.deployment.processes = (deployment.processes + 1) / 2;
  const auto found = smallest_of(changed, sizes, 2 * most, sizes.profile());
  if (!found) return;
  const std::int64_t now = total * deployment.fleet();
  const std::int64_t then = *found * changed.deployment.fleet();
  if (then >= now) return;
  all.push_back(alternative(
      fmt::format("{} instead of {} processes of each instance", changed.deployment.processes,
                  deployment.processes),
      *found, changed.deployment.fleet(),
      fmt::format("{} instead of {} in all, {} for each process (simulated); as far as the "
                  "processors go",
                  then, connections(now), *found)));
}

/// All processes share one pool of server connections, as behind a transaction pooler.
void add_pooler(const Scenario& scenario, const SimulatedSizes& sizes, std::int64_t total,
                std::int64_t most, std::vector<Alternative>& all) {
  const std::int64_t fleet = scenario.deployment.fleet();
  if (fleet < 2 || scenario.deployment.pooler) return;
  Scenario changed = scenario;
  changed.deployment.instances = changed.deployment.processes = 1;
  const auto found = smallest_of(changed, sizes, most * fleet, sizes.profile());
  if (!found || *found >= total * fleet) return;
  Alternative one;
  one.change = "a PgBouncer between, in transaction mode";
  one.pool_size = *found;
  one.needed = *found;
  one.effect = fmt::format("{} shared by all instead of {} (simulated, without its own hop)",
                           connections(*found), total * fleet);
  all.push_back(std::move(one));
}

/// SQL steps in a row as one exchange.
void add_round_trips(const Scenario& scenario, const SimulatedSizes& sizes, std::int64_t total,
                     std::int64_t most, std::vector<Alternative>& all) {
  ServerProfile profile = sizes.profile();
  double exchanges = 0;
  double weights = 0;
  for (const RequestSpec& request : scenario.requests) {
    const auto statements =
        std::count_if(request.steps.begin(), request.steps.end(),
                      [](const Step& step) { return step.kind == StepKind::sql; });
    const double boundaries = request.transaction == TransactionMode::none ? 0 : 2;
    exchanges += request.weight * (static_cast<double>(statements) + boundaries);
    weights += request.weight;
  }
  exchanges /= weights;
  constexpr double kShare = 0.1;  // of the hold, below which it is not worth the work
  const double round_trips = exchanges * to_s(profile.round_trip);
  if (exchanges < 2 || round_trips < kShare * sizes.at(total).hold_mean_s) return;
  profile.round_trip = from_s(to_s(profile.round_trip) / exchanges);
  const auto found = smallest_of(scenario, sizes, most, profile);
  if (!found || *found >= total) return;
  all.push_back(alternative(
      fmt::format("one round trip instead of {:.0f} for each request (pipeline, or one statement)",
                  exchanges),
      *found, scenario.deployment.fleet(),
      fmt::format("pool_size {} meets the same goals (simulated)", *found)));
}

std::string change_of(double ms) {
  if (std::abs(ms) < 0.05) return "no change that can be seen";
  return fmt::format("p95 {}{}", ms < 0 ? "−" : "+", human_duration(from_ms(std::abs(ms))));
}

}  // namespace

std::vector<Alternative> simulated_alternatives(const Scenario& scenario,
                                                const SimulatedSizes& sizes, std::int64_t total,
                                                std::int64_t most) {
  std::vector<Alternative> all;
  add_release(scenario, sizes, total, most, all);
  add_fewer_processes(scenario, sizes, total, most, all);
  add_pooler(scenario, sizes, total, most, all);
  add_round_trips(scenario, sizes, total, most, all);
  return all;
}

std::vector<std::string> neighbour_words(const Scenario& scenario, const SimulatedSizes& sizes,
                                         std::int64_t total, std::int64_t most) {
  const std::int64_t fleet = scenario.deployment.fleet();
  const auto p95 = [&](std::int64_t at) { return sizes.at(at).forecast.latency_p95_ms; };
  const auto here = p95(total);
  std::vector<std::string> words;
  const std::string slots = fleet > 1 ? fmt::format(" ({} of the server)", fleet) : "";
  if (total > 1 && here && p95(total - 1)) {
    words.push_back(
        fmt::format("One connection fewer{}: {}.", slots, change_of(*p95(total - 1) - *here)));
  }
  if (total < most && here && p95(total + 1)) {
    words.push_back(fmt::format("One more{}: {}.", slots, change_of(*p95(total + 1) - *here)));
  }
  return words;
}

std::vector<FormulaAnswer> judged_rules(const Scenario& scenario, const SimulatedSizes& sizes,
                                        const SettingsEvidence& seen, const ServerSlots& slots) {
  SizeInputs inputs;
  inputs.instances = scenario.deployment.instances;
  inputs.processes = scenario.deployment.processes;
  inputs.cores = sizes.profile().cores;
  inputs.max_connections = std::max<std::int64_t>(slots.max_connections, slots.reserved + 1);
  inputs.reserved = slots.reserved;
  inputs.other_clients = slots.others;
  inputs.headroom = slots.headroom;
  inputs.ssd = true;
  if (seen.rate_per_s > 0 && seen.hold_mean_s > 0) {
    inputs.rate_per_s = seen.rate_per_s * scenario.deployment.fleet();
    inputs.hold_s = seen.hold_mean_s;
  }
  const Result<Sizing> sizing = size_pools(inputs);
  if (!sizing.ok()) return {};
  std::vector<FormulaAnswer> rules = sizing.value().recommendation.formulas;
  constexpr std::array<std::string_view, 4> kShown = {"workers-x2", "cores-x2-spindles",
                                                      "cores-x2-plus-1", "erlang-c"};
  constexpr std::int64_t kLargest = 1000;
  for (FormulaAnswer& rule : rules) {
    const std::int64_t total = rule.pool_size.value_or(0) + rule.max_overflow.value_or(0);
    const bool shown = std::find(kShown.begin(), kShown.end(), rule.id) != kShown.end();
    if (!shown || total < 1 || total > kLargest) continue;
    const SimulatedSizes::Figures& figures = sizes.at(total);
    rule.latency_p95_ms = figures.forecast.latency_p95_ms;
    rule.meets_goals = figures.met();
  }
  return rules;
}

std::optional<PoolerSizes> pooler_sizes(const Scenario& scenario, const SimulatedSizes& sizes,
                                        const Recommendation& r, const ServerSlots& slots) {
  if (!scenario.deployment.pooler) return std::nullopt;
  const PoolSpec& now = scenario.deployment.pooler->spec;
  const auto usable = static_cast<std::int64_t>(
      std::floor(static_cast<double>(slots.max_connections - slots.reserved - slots.others) *
                 (1 - slots.headroom)));
  PoolerSizes answer;
  answer.default_pool_size = pool_permanent_size(now);
  // Halving between what does not do and what does.
  std::int64_t fails = 0;
  std::int64_t does = std::max<std::int64_t>(1, std::min(usable, 2 * answer.default_pool_size));
  while (does - fails > 1) {
    const std::int64_t middle = fails + (does - fails) / 2;
    Scenario changed = scenario;
    changed.deployment.pooler->spec.set("pool_size", middle);
    (SimulatedSizes(changed, sizes.profile(), sizes.plan()).at(r.total()).met() ? does : fails) =
        middle;
  }
  answer.default_pool_size = does;
  answer.reserve_pool_size =
      std::min<std::int64_t>(does / 4, std::max<std::int64_t>(0, usable - does));
  constexpr double kSpare = 1.1;
  answer.max_client_conn =
      static_cast<std::int64_t>(std::ceil(static_cast<double>(r.capacity) * kSpare / 10) * 10);
  answer.max_db_connections = std::max<std::int64_t>(1, usable);
  answer.query_wait_timeout_s = std::max(1.0, std::floor(r.pool_timeout_s));
  return answer;
}

std::string snippet_of(const std::string& kind) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kIds = {{
      {"sqlalchemy", "sqlalchemy"},
      {"sqlalchemy-async", "sqlalchemy"},
      {"psycopg", "psycopg_pool"},
      {"psycopg-null", "psycopg_pool"},
      {"hikari", "hikari"},
      {"asyncpg", "asyncpg"},
      {"node-postgres", "node-postgres"},
      {"pgx", "pgx"},
      {"database-sql", "database-sql"},
      {"rails", "rails"},
      {"prisma", "prisma"},
  }};
  for (const auto& [name, id] : kIds) {
    if (name == kind) return std::string(id);
  }
  return "sqlalchemy";
}

}  // namespace poolgauge::cli
