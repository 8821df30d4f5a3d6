// Goals, parts of the wait, the window after its first second, and the place.
#include "assess/describe.h"

#include <algorithm>

#include "poolgauge/load.h"

namespace poolgauge {
namespace {

Figures::GoalStates goals_of(const Verdict& verdict) {
  Figures::GoalStates states;
  states.any = !verdict.goals.empty();
  states.all_met = states.any && verdict.status == VerdictStatus::pass;
  for (const GoalResult& goal : verdict.goals) {
    const bool missed = goal.judged() && !goal.met;
    states.on_failures = states.on_failures || goal.unit == "fraction";
    states.failures_missed = states.failures_missed || (missed && goal.unit == "fraction");
    states.times_missed = states.times_missed || (missed && goal.unit == "s");
  }
  return states;
}

/// A pool that fills at the start, or a first request that waits for a cold server, is no state of
/// things: where most of the checkouts came later, these decide.
void add_later(Figures& figures, const Measurement& measured) {
  constexpr double kMost = 0.5;
  if (measured.slice_length <= Duration{0} || measured.pool_wait.empty()) return;
  const Duration start = std::chrono::seconds(1);
  Histogram later;
  for (std::size_t i = 0; i < measured.slices.size(); ++i) {
    const auto slices = static_cast<std::int64_t>(i);
    if (measured.slice_length * slices < start) continue;
    if (!later.merge(measured.slices[i].pool_wait)) return;
  }
  const auto all = static_cast<double>(measured.pool_wait.count());
  if (static_cast<double>(later.count()) < kMost * all) return;
  const double mean = measured.pool_wait.mean_ns();
  figures.later_wait = mean > 0 ? later.mean_ns() / mean : 0;
  const std::uint64_t below = later.count_at_or_below(wait_worth_naming(measured));
  figures.later_waited_fraction =
      1.0 - static_cast<double>(below) / static_cast<double>(later.count());
}

void add_connects(Figures& figures, const Report& report) {
  figures.connect_max_ms = report.connect.max;
  for (const PoolSummary& pool : report.pools) figures.peak_open += pool.measured.peak_open;
  for (const Outage& outage : report.outages) {
    figures.lost_connections += outage.lost_connections;
    figures.outages_s += to_s(outage.end.value_or(from_s(report.window_s)) - outage.start);
  }
  const auto completed = static_cast<double>(report.requests.completed);
  const LatencySummary& connect = report.phases.connect;
  if (completed <= 0 || connect.count == 0) return;
  figures.connect_per_request_ms =
      connect.mean.value_or(0) * static_cast<double>(connect.count) / completed;
  // A pool that connects at the first exchange has it in BEGIN or a statement.
  constexpr double kTwoRoundings = 1.02;
  const double wait = report.breakdown_ms.pool_wait;
  if (figures.connect_per_request_ms > kTwoRoundings * wait || wait <= 0) return;
  figures.connect_in_wait = std::min(1.0, figures.connect_per_request_ms / wait);
}

void add_load(Figures& figures, const Load& load) {
  figures.users = most_users(load);
  if (const auto* burst = std::get_if<BurstLoad>(&load)) figures.burst = burst->size;
  if (const auto* closed = std::get_if<ClosedLoad>(&load)) {
    figures.think_ms = to_ms(mean_of(closed->think));
  }
  if (const auto* staged = std::get_if<UserStages>(&load)) {
    figures.think_ms = to_ms(mean_of(staged->think));
  }
}

void add_place(Figures& figures, const Report& report) {
  // Only of a server on this machine the processors are seen.
  figures.server_near = report.calibration.shares_client || report.target.kind == "embedded" ||
                        report.target.kind == "simulated" || report.server.cpu_s.has_value();
  if (report.target.kind == "embedded" || report.server.cpu_s) {
    figures.server_memory_mib = report.machine.memory_mib;
  }
  std::int64_t ours = 0;
  for (const ServerView::Connections& some : report.server.connections) ours += some.peak;
  if (report.server.connections.empty()) ours = figures.peak_open;  // nobody counted them by owner
  figures.other_connections =
      std::max<std::int64_t>(0, static_cast<std::int64_t>(report.server.connections_peak) - ours);
  figures.over_socket = report.target.over_socket;
  figures.on_sqlite = report.target.kind == "sqlite";
  if (figures.on_sqlite) figures.sqlite = report.server.database;
  figures.own_limit = report.target.own_limit;
  if (report.target.pooler) figures.pooler_max_clients = report.target.pooler->max_client_conn;
}

}  // namespace

Duration wait_worth_naming(const Measurement& measured) {
  return std::max<Duration>(measured.latency.quantile(0.5) / 10, std::chrono::milliseconds(1));
}

void add_weights(Figures& figures, const Scenario& scenario, const Measurement& measured,
                 const Report& report) {
  figures.goals = goals_of(report.verdict);
  add_later(figures, measured);
  add_connects(figures, report);
  add_load(figures, scenario.load);
  add_place(figures, report);
  figures.exchanges_under_way = report.calibration.active_mean;
  figures.way_ms = report.connect_phases.tcp.p50;
  figures.client_cpu_busy = report.client_cpu_busy;
}

}  // namespace poolgauge
