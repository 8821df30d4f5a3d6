// Simulations around the answer.
#include "app/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <variant>

#include "advise/prediction.h"
#include "advise/snippets.h"
#include "assess/goal_figures.h"
#include "assess/sentences.h"
#include "base/text.h"
#include "math/pool_queue.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/pool_traits.h"
#include "poolgauge/sizing.h"
#include "scenario/read/resolve.h"

namespace poolgauge::app {

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

/// The connection given back during every hold, and the holds' names; nothing where there is none,
/// or nothing but holds.
std::optional<Scenario> released(const Scenario& scenario, std::string& names) {
  Scenario changed = scenario;
  bool statements = false;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      statements = statements || step.kind == StepKind::sql;
      if (step.kind != StepKind::hold) continue;
      auto released = release_during(std::move(changed), request.name + "." + step.name);
      if (!released.ok()) return std::nullopt;
      changed = std::move(released).value();
      const std::string quoted = "\"" + step.name + "\"";
      if (names.find(quoted) == std::string::npos) names += (names.empty() ? "" : ", ") + quoted;
    }
  }
  if (names.empty() || !statements) return std::nullopt;
  return changed;
}

/// The option that sets the size of a pool, in the kind's own words.
std::string size_option(const Scenario& scenario) {
  const SizingOptions names =
      sizing_options(scenario.deployment.pool.kind).value_or(SizingOptions{});
  return names.most.empty() ? names.kept : names.most;
}

/// The share of the time a connection is checked out in which it waits for the application.
double held_share(const Report& report) {
  const double whole = report.connection_time.mean.value_or(0);
  return whole > 0 ? std::min(1.0, report.breakdown_ms.hold / whole) : 0;
}

void add_release(const Making& m, std::int64_t total, std::vector<Alternative>& all) {
  const Scenario& scenario = m.scenario;
  std::string names;
  const auto changed = released(scenario, names);
  if (!changed) return;
  const auto found = smallest_of(*changed, m.sizes, m.findings.most, m.sizes.profile());
  if (!found || *found >= total) return;
  const double held = held_share(m.shown->report);
  constexpr double kBulk = 0.5;
  Alternative one = alternative(
      "release the connection during " + names, *found, scenario.deployment.fleet(),
      fmt::format("{} {} would then meet the same goals (simulated; {})", size_option(scenario),
                  *found, *found == 1 ? "2 may be needed" : "the true size may differ by 1"));
  one.first = held >= kBulk;
  if (one.first) {
    one.effect +=
        fmt::format(". {} of the connection hold time is application work", percent(held));
  }
  all.push_back(std::move(one));
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
      fmt::format("use {} instead of {} processes per instance", changed.deployment.processes,
                  deployment.processes),
      *found, changed.deployment.fleet(),
      fmt::format("{} instead of {} in total, {} per process (simulated), if the CPUs keep up",
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
  one.change = "put PgBouncer in front of the server, in transaction mode";
  one.pool_size = *found;
  one.needed = *found;
  one.effect = fmt::format(
      "{} to the server, shared by all processes, instead of {} (simulated, without the latency "
      "of the extra hop)",
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
  // What was measured whole holds its round trips; the rest of the model adds them.
  const Duration saved = from_s(to_s(profile.round_trip) * (1 - 1 / exchanges));
  profile.exchange_delay -= saved;
  profile.round_trip -= saved;
  const auto found = smallest_of(scenario, sizes, most, profile);
  if (!found || *found >= total) return;
  all.push_back(alternative(fmt::format("send one round trip per request instead of {:.0f} (use a "
                                        "pipeline or a single statement)",
                                        exchanges),
                            *found, scenario.deployment.fleet(),
                            fmt::format("{} {} would then meet the same goals (simulated)",
                                        size_option(scenario), *found)));
}

/// "p95(latency) was 72.9 ms higher (measured)", "p95(latency) would be 14.4 ms lower (predicted)".
std::string change_of(const std::string& what, double seconds, bool run, const char* how) {
  constexpr double kVisible_s = 50e-6;
  if (std::abs(seconds) < kVisible_s) {
    return fmt::format("{} {} ({})", what, run ? "was the same" : "would be the same", how);
  }
  return fmt::format("{} {} {} {} ({})", what, run ? "was" : "would be",
                     human_duration(from_s(std::abs(seconds))), seconds < 0 ? "lower" : "higher",
                     how);
}

/// The mean of a goal's figure over the full runs of a size, in seconds.
std::optional<double> measured_figure(const Findings& findings, std::size_t goal,
                                      std::int64_t total) {
  constexpr double kFullLength = 0.9;
  double sum = 0;
  double count = 0;
  for (const AdvisedRun& run : findings.runs) {
    const auto& goals = run.report.verdict.goals;
    const bool full = run.trial.usable && run.trial.length >= kFullLength;
    if (!full || run.trial.total != total || goal >= goals.size() || !goals[goal].measured) {
      continue;
    }
    sum += *goals[goal].measured;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

/// The closed form: one process's pool with its share of the load.
std::optional<double> theory_wait_s(const Scenario& scenario, const SettingsEvidence& seen,
                                    std::int64_t total) {
  if (seen.hold_mean_s <= 0) return std::nullopt;
  constexpr double kQuantile = 0.95;
  const math::PoolQueue pool{math::independent_servers(seen.hold_mean_s),
                             static_cast<std::uint64_t>(total), seen.deadline_s};
  const double fleet = scenario.deployment.fleet();
  if (const auto* open = std::get_if<OpenLoad>(&scenario.load)) {
    const auto figures = math::open_pool(pool, open->rate_per_s / fleet);
    return figures ? std::optional(figures->wait_quantile_s(kQuantile)) : std::nullopt;
  }
  if (const auto* closed = std::get_if<ClosedLoad>(&scenario.load)) {
    const auto users = static_cast<std::uint64_t>(closed->users / fleet);
    if (users <= static_cast<std::uint64_t>(total)) return 0.0;
    return math::closed_pool(pool, users, to_s(mean_of(closed->think))).wait_quantile_s(kQuantile);
  }
  return std::nullopt;
}

void forget_slots(std::vector<FormulaAnswer>& rules) {
  std::erase_if(rules, [](const FormulaAnswer& rule) {
    const bool of_them = std::any_of(rule.inputs.begin(), rule.inputs.end(), [](const auto& input) {
      return input.first == "max_connections";
    });
    return of_them || (rule.max_connections && !rule.pool_size);
  });
  for (FormulaAnswer& rule : rules) {
    rule.max_connections.reset();
    rule.fits.reset();
  }
}

}  // namespace

std::vector<Alternative> simulated_alternatives(const Making& m, std::int64_t total) {
  std::vector<Alternative> all;
  const std::int64_t most = m.findings.most;
  add_release(m, total, all);
  add_fewer_processes(m.scenario, m.sizes, total, most, all);
  add_pooler(m.scenario, m.sizes, total, most, all);
  add_round_trips(m.scenario, m.sizes, total, most, all);
  return all;
}

std::vector<std::string> neighbour_words(const Making& m) {
  const std::int64_t total = m.findings.total;
  const auto goal = deciding_goal(m);
  if (!goal || quantile_of(m.scenario.goals[*goal].statistic) <= 0) return {};
  const auto predicted = expected_figure(m, *goal, total);
  auto here = measured_figure(m.findings, *goal, total);
  if (!here) here = predicted;
  if (!here) return {};
  const auto predicted_at = [&](std::int64_t at) -> std::optional<double> {
    const auto expected = expected_figure(m, *goal, at);
    if (!expected || !predicted || *predicted <= 0) return std::nullopt;
    return *expected * *here / *predicted;
  };
  const std::int64_t fleet = m.scenario.deployment.fleet();
  const std::string slots = fleet > 1 ? fmt::format(" per process ({} in total)", fleet) : "";
  const std::string what = goal_subject(m.scenario.goals[*goal].text);
  std::vector<std::string> words;
  const auto add = [&](const char* step, std::int64_t at) {
    const auto run = measured_figure(m.findings, *goal, at);
    const auto there = run ? run : predicted_at(at);
    if (!there) return;
    const char* const how = !run ? "predicted" : m.frame.simulated ? "simulated" : "measured";
    words.push_back(fmt::format("With {}{}, {}.", step, slots,
                                change_of(what, *there - *here, run.has_value(), how)));
  };
  if (total > 1) add("one connection fewer", total - 1);
  if (total < m.findings.most) add("one more", total + 1);
  return words;
}

std::vector<std::string> model_words(const Scenario& scenario, const SimulatedSizes& sizes,
                                     const SettingsEvidence& seen, std::int64_t total) {
  std::vector<std::string> words;
  const SimulatedSizes::Figures& here = sizes.at(total);
  const double twice = sizes.glance(2 * total).throughput_per_s;
  constexpr double kFalls = 0.95;
  if (twice < kFalls * here.throughput_per_s) {
    words.push_back(
        fmt::format("more connections would hurt: with {}, throughput would drop by {} (simulated)",
                    2 * total, percent(1 - twice / here.throughput_per_s)));
  }
  const auto theory = theory_wait_s(scenario, seen, total);
  const auto simulated = here.forecast.pool_wait_p95_ms;
  constexpr double kWorthSaying_ms = 5;
  constexpr double kApart = 2;
  if (!theory || !simulated || std::max(*theory * 1e3, *simulated) < kWorthSaying_ms) return words;
  const double ratio = std::max(*theory * 1e3, 0.1) / std::max(*simulated, 0.1);
  if (ratio > kApart || ratio < 1 / kApart) {
    words.push_back(fmt::format(
        "two predictions of the p95 wait disagree: {} by queueing theory, {} by simulation. Rely "
        "on measured waits",
        human_duration(from_s(*theory)), human_duration(from_ms(*simulated))));
  }
  return words;
}

std::vector<FormulaAnswer> judged_rules(const Scenario& scenario, const SimulatedSizes& sizes,
                                        const SettingsEvidence& seen,
                                        const std::optional<ServerSlots>& slots, double headroom) {
  SizeInputs inputs;
  inputs.instances = scenario.deployment.instances;
  inputs.processes = scenario.deployment.processes;
  inputs.cores = sizes.profile().cores;
  constexpr std::int64_t kRoomForAll = 1'000'000;
  const ServerSlots known = slots.value_or(ServerSlots{kRoomForAll, 0, 0, headroom});
  inputs.max_connections = std::max<std::int64_t>(known.max_connections, known.reserved + 1);
  inputs.reserved = known.reserved;
  inputs.other_clients = known.others;
  inputs.headroom = headroom;
  if (seen.rate_per_s > 0 && seen.hold_mean_s > 0) {
    inputs.rate_per_s = seen.rate_per_s * scenario.deployment.fleet();
    inputs.hold_s = seen.hold_mean_s;
  }
  const Result<Sizing> sizing = size_pools(inputs);
  if (!sizing.ok()) return {};
  std::vector<FormulaAnswer> rules = sizing.value().recommendation.formulas;
  if (!slots) forget_slots(rules);
  constexpr std::array<std::string_view, 4> kShown = {"workers-x2", "cores-x2-spindles",
                                                      "cores-x2-plus-1", "erlang-c"};
  constexpr std::int64_t kLargest = 1000;
  for (FormulaAnswer& rule : rules) {
    const std::int64_t total = rule.pool_size.value_or(0) + rule.max_overflow.value_or(0);
    const bool shown = std::find(kShown.begin(), kShown.end(), rule.id) != kShown.end();
    if (!shown || total < 1 || total > kLargest) continue;
    const SimulatedSizes::Figures& figures = sizes.glance(total);
    rule.latency_p95_ms = figures.forecast.latency_p95_ms;
    rule.meets_goals = figures.met();
  }
  return rules;
}

std::string snippet_of(const std::string& kind) {
  const std::string& own = pool_traits(kind).snippet;
  return own.empty() ? std::string(kUsualSnippet) : own;
}

}  // namespace poolgauge::app
