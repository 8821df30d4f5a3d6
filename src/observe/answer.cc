// All groups together, and what follows for the server.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/core.h>

#include "advise/snippets.h"
#include "base/text.h"
#include "observe/observe.h"
#include "poolgauge/sizing.h"

namespace poolgauge::observe {
namespace {

constexpr std::size_t kMostPoints = 720;

void add_points(const Tally& tally, const std::vector<std::size_t>& order, Observed& observed) {
  const auto& lengths = tally.lengths();
  const std::size_t each = (lengths.size() + kMostPoints - 1) / kMostPoints;
  for (std::size_t from = 0; from < lengths.size(); from += std::max<std::size_t>(each, 1)) {
    ObservePoint point{lengths[from].begin_s, 0, {}, {}, {}};
    const std::size_t to = std::min(from + each, lengths.size());
    for (std::size_t i = from; i < to; ++i) point.seconds += lengths[i].seconds;
    double looks = 0;
    for (const std::size_t number : order) {
      Batch sum;
      for (std::size_t i = from; i < to; ++i) sum.add(tally.groups()[number].batches[i]);
      looks = sum.looks;
      if (looks <= 0) break;
      point.in_use.push_back(sum.busy / looks);
      point.idle_in_transaction.push_back(sum.idle_in_transaction / looks);
      point.sessions.push_back(sum.sessions / looks);
    }
    if (looks > 0) observed.points.push_back(std::move(point));
  }
}

void add_databases(const Tally& tally, Observed& observed) {
  for (const DatabaseTally& tallied : tally.databases()) {
    ObservedDatabase database;
    database.name = tallied.name;
    bool seen = false;
    for (const ObservedGroup& group : observed.groups) {
      if (group.key.database != tallied.name) continue;
      database.in_use_sampled += group.in_use.value;
      seen = true;
    }
    if (!seen || tallied.counted_s <= 0) continue;
    database.transactions_per_s = tallied.transactions / tallied.counted_s;
    database.usual_transactions_per_s = tallied.usual_transactions_per_s;
    if (tallied.has_times) {
      database.in_use_counted = std::max(0.0, tallied.busy_s / tallied.counted_s);
    }
    if (tallied.has_sessions) database.new_sessions_per_s = tallied.sessions / tallied.counted_s;
    observed.databases.push_back(std::move(database));
  }
}

/// The counters know databases only: each group has its share of the sessions that were seen.
void share_counters(Observed& observed) {
  for (ObservedGroup& group : observed.groups) {
    for (const ObservedDatabase& database : observed.databases) {
      if (database.name != group.key.database || !database.in_use_counted) continue;
      if (database.in_use_sampled <= 0) continue;
      group.in_use_counted =
          *database.in_use_counted * group.in_use.value / database.in_use_sampled;
    }
  }
}

/// What counters that miss most of the transactions would make of a group is left out.
void leave_out_uncounted(Observed& observed) {
  for (const ObservedDatabase& database : observed.databases) {
    if (!misses_transactions(database, observed)) continue;
    for (ObservedGroup& group : observed.groups) {
      if (group.key.database != database.name) continue;
      group.rate_per_s.reset();
      forget_holds(group);
    }
  }
}

void add_totals(const Tally& tally, Observed& observed) {
  observed.sessions_most = static_cast<std::int64_t>(tally.sessions_most());
  for (const ObservedGroup& group : observed.groups) {
    observed.sessions_mean += group.sessions_mean;
    observed.could_open += std::max(group.sessions_most, group.limit.value_or(0));
    observed.needed += group.size.total;
    const double used = group.in_use_p999.value_or(static_cast<double>(group.in_use_most));
    observed.idle_surplus += std::max(0.0, group.sessions_mean - used);
  }
}

}  // namespace

void forget_holds(ObservedGroup& group) {
  group.hold_s.reset();
  group.hold_spread.reset();
  group.hold_quantiles_s.clear();
  group.hold_p50_s = group.hold_p95_s = 0;
}

std::string group_name(const ObserveKey& key) {
  if (key.database.empty() && key.role.empty()) return "pool " + key.application;
  return fmt::format("{} (database {}, role {}{})",
                     key.application.empty() ? "unnamed sessions" : key.application, key.database,
                     key.role, key.address.empty() ? "" : ", from " + key.address);
}

std::optional<Recommendation> recommendation_of(const Observed& observed) {
  if (observed.groups.empty()) return std::nullopt;
  const ObservedGroup& group = observed.groups.front();
  if (group.held_by_locks || group.in_use.value <= 0) return std::nullopt;
  const bool knows_load = group.rate_per_s && group.hold_s;
  if (!knows_load && observed.metrics_of.empty()) return std::nullopt;
  SizeInputs inputs;
  inputs.profile = observed.question.profile;
  inputs.processes = group.processes;
  if (knows_load) {
    inputs.rate_per_s = group.rate_per_s->value;
    inputs.hold_s = group.hold_s->value;
  }
  if (observed.knows_server()) {
    inputs.max_connections = observed.server.max_connections;
    inputs.reserved = observed.server.reserved;
    inputs.other_clients = std::max<std::int64_t>(0, observed.sessions_most - group.sessions_most);
  }
  Result<Sizing> sizing = size_pools(inputs);
  if (!sizing.ok()) return std::nullopt;
  Recommendation r = std::move(sizing.value().recommendation);
  r.pool_size = group.size.per_process;
  r.max_overflow = 0;
  r.capacity = group.size.total;
  r.budget.needed = group.size.total;
  r.predicted = {};
  r.predicted.wait_probability = group.size.wait_probability;
  r.predicted.utilization = group.size.demand / static_cast<double>(group.size.total);
  r.formulas.clear();
  r.alternatives.clear();
  r.limits.clear();
  if (!observed.knows_server()) {
    r.max_connections = 0;
    r.budget = {};
    r.budget.needed = group.size.total;
  }
  r.why = {fmt::format(
      "{}: with {} connections in use (one-sided 95 % upper bound of the observed mean, plus "
      "growth) and a pool of {} in {}, {} of requests would wait",
      group_name(group.key), significant(group.size.demand), group.size.per_process,
      counted(group.processes, "process", "es"), percent(group.size.wait_probability))};
  r.warnings.clear();
  if (group.size.lower_bound && group.waiting) {
    r.warnings.push_back("nearly all connections were always in use, so the size is a lower bound");
  } else if (group.size.lower_bound) {
    r.warnings.push_back(
        "the pool's own limit was reached, so the size is a lower bound: how many requests waited "
        "is not visible to the server");
  }
  r.snippets = make_snippets(r);
  return r;
}

Observed answer_of(const Tally& tally, const Circumstances& circumstances) {
  Observed observed;
  observed.server = circumstances.server;
  observed.cost = circumstances.cost;
  observed.question = circumstances.question;
  observed.interrupted = circumstances.interrupted;
  observed.started_s = circumstances.started_s;
  observed.seconds = tally.seconds();
  observed.looks = tally.looks();
  std::vector<GroupTally> tallies = tally.groups();
  share_transactions(tallies, tally.recent_s());
  const std::map<std::string, double> tests = leave_out_tests(tallies, tally.recent_s());
  std::vector<std::size_t> order;
  std::vector<ObservedGroup> groups;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    groups.push_back(figures_of(tallies[i], circumstances, is_alone(tallies, i), observed.seconds));
    if (tallies[i].sessions_most > 0) order.push_back(i);
  }
  doubt_shares(groups, tallies);
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    size_group(groups[i], tallies[i], circumstances, observed.seconds);
    groups[i].guess = guess_of(groups[i], tallies[i]);
  }
  std::stable_sort(order.begin(), order.end(), [&groups](std::size_t a, std::size_t b) {
    return groups[a].in_use.value > groups[b].in_use.value;
  });
  for (const std::size_t i : order) observed.groups.push_back(groups[i]);
  add_points(tally, order, observed);
  add_databases(tally, observed);
  share_counters(observed);
  leave_out_uncounted(observed);
  add_totals(tally, observed);
  observed.recommendation = recommendation_of(observed);
  observed.pooler = tally.seen_pooler().answer(observed.question.profile);
  observed.warnings = warnings_of(tally, observed);
  observed.limits = limits_of(observed);
  for (const ObservedDatabase& database : observed.databases) {
    const auto left_out = tests.find(database.name);
    if (left_out == tests.end()) continue;
    observed.limits.push_back(tests_words(database, left_out->second));
  }
  return observed;
}

}  // namespace poolgauge::observe
