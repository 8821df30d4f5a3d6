// Scenario values put into words, and the figures of a run put in the diagnosis's hands.
#include "assess/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "assess/verdict.h"
#include "base/text.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge {
namespace {

double waited_fraction(const Measurement& measured) {
  if (measured.pool_wait.empty()) return 0;
  const std::uint64_t below = measured.pool_wait.count_at_or_below(wait_worth_naming(measured));
  return 1.0 - static_cast<double>(below) / static_cast<double>(measured.pool_wait.count());
}

/// The step of a kind that took the most time in all.
std::optional<StepFigure> longest_step(const Report& report, std::string_view kind) {
  std::optional<StepFigure> longest;
  double most = 0;
  for (const StepSummary& step : report.steps) {
    const double mean = step.latency.mean.value_or(0);
    const double total = mean * static_cast<double>(step.latency.count);
    if (step.kind != kind || total <= most) continue;
    most = total;
    longest = StepFigure{step.name, mean, step.latency.p95};
  }
  return longest;
}

/// The libraries' names for the limit of the wait.
constexpr std::array<std::string_view, 5> kTimeouts{
    "timeout", "connectionTimeout", "connectionTimeoutMillis", "checkout_timeout", "pool_timeout"};

void add_pool_timeout(Figures& figures) {
  for (const auto& [name, value] : figures.pool_options) {
    const Duration* duration = std::get_if<Duration>(&value);
    const bool limits = std::find(kTimeouts.begin(), kTimeouts.end(), name) != kTimeouts.end();
    if (!limits || duration == nullptr || duration->count() <= 0) continue;
    figures.pool_timeout_ms = to_ms(*duration);
    figures.pool_timeout_option = name;
    return;
  }
}

void add_pool_figures(Figures& figures, const Report& report) {
  if (report.pools.empty()) return;
  const PoolSummary& pool = *std::max_element(
      report.pools.begin(), report.pools.end(), [](const PoolSummary& a, const PoolSummary& b) {
        return a.measured.waiting_mean < b.measured.waiting_mean;
      });
  if (report.pools.size() > 1) figures.pool_name = pool.measured.name;
  figures.pool_kind = pool.kind;
  figures.pool_options = pool.options;
  add_pool_timeout(figures);
  figures.capacity = pool.measured.capacity;
  figures.processes = std::max(1U, pool.measured.processes);
  figures.peak_checked_out = pool.measured.peak_checked_out;
  figures.peak_waiting = pool.measured.peak_waiting;
  figures.waiting_mean = pool.measured.waiting_mean;
  figures.peak_demand = pool.measured.peak_demand;
  figures.checked_out_mean = pool.measured.checked_out_mean;
  figures.open_mean = pool.measured.open_mean;
  for (const PoolSummary& each : report.pools) {
    if (&each != &pool) {
      figures.checked_out_elsewhere_mean += each.measured.checked_out_mean;
      const bool own_limit = pool_traits(each.kind).limits_connections;
      figures.other_pools.push_back({each.measured.name, each.measured.checked_out_mean,
                                     own_limit ? each.measured.capacity : -1});
    }
    figures.connects += each.measured.connects;
    figures.closes += each.measured.closes;
    figures.checkouts += each.measured.checkouts;
  }
}

/// A server on another machine has processors of its own, which nobody sees.
void add_processor_figures(Figures& figures, const Report& report) {
  const ServerView& view = report.server;
  const MachineView& machine = report.client.machine;
  if (!view.cpu_s || view.cores == 0 || report.window_s <= 0) return;
  figures.server_cpu_share = *view.cpu_s / report.window_s / view.cores;
  if (machine.processors == 0 || machine.others < 0) return;
  const double busy =
      machine.own + machine.databases + machine.others + std::max(0.0, machine.stolen);
  figures.server_cpu_busy = std::min(1.0, busy / machine.processors);
}

void add_server_figures(Figures& figures, const Report& report) {
  figures.server_seen = report.server.samples > 0;
  figures.server_active_mean = report.server.active_mean;
  figures.server_idle_in_transaction_mean = report.server.idle_in_transaction_mean;
  for (const ServerView::WaitEvent& event : report.server.wait_events) {
    if (event.type == "Lock") figures.server_lock_mean = event.mean;
    if (event.type == "LWLock" || event.type == "BufferPin") {
      figures.server_lwlock_mean += event.mean;
    }
    if (event.type == "IO") figures.server_io_mean = event.mean;
    if (event.type == "Client") figures.server_client_mean = event.mean;
    if (event.type == "CPU") figures.server_cpu_mean = event.mean;
  }
  for (const ServerView::WaitEvent& event : report.server.single_events) {
    figures.server_events.emplace_back(event.type, event.mean);
  }
  add_processor_figures(figures, report);
  figures.server_cores =
      report.calibration.cores > 0 ? report.calibration.cores : report.server.cores;
  if (report.target.max_connections > 0) {
    figures.server_slots = report.target.max_connections - report.target.reserved_connections;
  }
}

/// How much of a request is travelling: every ping is one or a few round trips and nothing else.
void add_exchange_figures(Figures& figures, const Report& report) {
  const Calibration& calibration = report.calibration;
  double exchanges = 0;
  for (const auto& request : calibration.exchanges) {
    for (const TimedCount& exchange : request) exchanges += static_cast<double>(exchange.count);
  }
  if (report.requests.completed == 0) return;
  figures.exchanges_per_request = exchanges / static_cast<double>(report.requests.completed);
  // On one machine a ping takes the processors' time, not the way's.
  const bool apart = !calibration.shares_client && !report.target.pooler;
  if (apart && calibration.pings.count > 0) {
    figures.round_trip_ms = calibration.pings.mean_us() / 1e3;
  }
}

void add_pooler_figures(Figures& figures, const Report& report) {
  figures.pooler_between = report.target.pooler.has_value();
  if (!report.target.pooler || report.pooler.series.empty()) return;
  figures.pooler_size = report.target.pooler->pool_size;
  const auto samples = static_cast<double>(report.pooler.series.size());
  for (const PoolerSample& sample : report.pooler.series) {
    figures.pooler_servers_mean += sample.sv_active / samples;
    figures.pooler_waiting_mean += sample.cl_waiting / samples;
    figures.pooler_servers_peak = std::max(figures.pooler_servers_peak, sample.sv_active);
  }
  if (report.pooler.server_wait_from != "counters") return;
  figures.pooler_wait_ms = report.pooler.server_wait_ms;
  figures.pooler_wait_share = report.pooler.server_wait_share;
}

/// Whether one of these, with a start and perhaps an end, fell into the stall.
template <class Times>
bool explained_by(const Times& all, const Stall& stall) {
  return std::any_of(all.begin(), all.end(), [&stall](const auto& one) {
    return one.start < stall.end && (!one.end || *one.end > stall.start);
  });
}

/// An outage or a standstill says more of its seconds than that nothing was completed.
void add_stall_figures(Figures& figures, const Report& report) {
  for (const Stall& stall : report.stalls) {
    if (!explained_by(report.outages, stall) && !explained_by(report.standstills, stall)) {
      figures.stalls.push_back(stall);
    }
  }
  figures.in_flight = report.in_flight;
  figures.latency_max_ms = report.latency.max;
}

const OptionValue* find_option(const PoolOptions& options, std::string_view name) {
  for (const auto& [key, value] : options) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace

std::string load_text(const Load& load) {
  const auto users = [](std::uint64_t count, const DurationSpec& spec) {
    std::string text = fmt::format("{} {}", with_thousands(count), count == 1 ? "user" : "users");
    const Duration think = mean_of(spec);
    if (think > Duration{0}) text += fmt::format(" thinking {}", human_duration(think));
    return text;
  };
  const auto staged = [](const std::vector<Stage>& stages) {
    return fmt::format("{} {}, up to ", with_thousands(stages.size()),
                       stages.size() == 1 ? "stage" : "stages");
  };
  if (const auto* closed = std::get_if<ClosedLoad>(&load)) {
    return users(closed->users, closed->think);
  }
  if (const auto* open = std::get_if<OpenLoad>(&load)) {
    return fmt::format("{:.6g}/s ({})", open->rate_per_s, open->poisson ? "Poisson" : "constant");
  }
  if (const auto* stages = std::get_if<UserStages>(&load)) {
    const double most = highest_level(stages->stages);
    return staged(stages->stages) + users(static_cast<std::uint64_t>(most), stages->think);
  }
  if (const auto* stages = std::get_if<RateStages>(&load)) {
    return staged(stages->stages) + fmt::format("{:.6g}/s ({})", highest_level(stages->stages),
                                                stages->poisson ? "Poisson" : "constant");
  }
  if (const auto* replay = std::get_if<ReplayLoad>(&load)) {
    const std::string speed = replay->speed == 1 ? "" : fmt::format(" at {:.6g}x", replay->speed);
    return fmt::format("replay of {}{}", replay->file, speed);
  }
  const BurstLoad& burst = std::get<BurstLoad>(load);
  if (burst.every == Duration{0}) {
    return fmt::format("one burst of {}", with_thousands(burst.size));
  }
  return fmt::format("bursts of {} every {}", with_thousands(burst.size),
                     seconds_text(to_s(burst.every)));
}

std::string pool_text(const std::string& kind, const PoolOptions& options,
                      std::optional<std::int64_t> limit) {
  const OptionValue* size = find_option(options, "pool_size");
  const OptionValue* overflow = find_option(options, "max_overflow");
  if (size == nullptr || overflow == nullptr) {
    return limit ? fmt::format("{} {}", kind, *limit) : kind;
  }
  const std::string more = option_text(*overflow);
  if (more == "-1") return fmt::format("{} {}+unlimited", kind, option_text(*size));
  return fmt::format("{} {}+{}", kind, option_text(*size), more);
}

std::string fleet_text(const Deployment& deployment) {
  if (deployment.fleet() <= 1) return "";
  return fmt::format("{} {} × {} {}", deployment.instances,
                     deployment.instances == 1 ? "instance" : "instances", deployment.processes,
                     deployment.processes == 1 ? "process" : "processes");
}

std::string pooler_text(const PoolerFacts& facts) {
  const std::string size = facts.pool_size > 0 ? fmt::format(" {}", facts.pool_size) : "";
  const std::string sent = facts.unprepared ? ", unprepared statements" : "";
  if (facts.kind != "pgbouncer") {
    return fmt::format("a pooler in {} mode{}{}", facts.pool_mode, size, sent);
  }
  return fmt::format("PgBouncer{} {}{}{}", facts.version.empty() ? "" : " " + facts.version,
                     facts.pool_mode, size, sent);
}

std::string option_text(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* duration = std::get_if<Duration>(&value)) {
    return duration->count() < 0 ? "-1" : format_duration(*duration);
  }
  return std::get<std::string>(value);
}

// A queue that a standstill left behind is given as long to go as it lasted.
std::optional<double> waiting_otherwise(const Measurement& measured) {
  double seconds = 0;
  double waiting = 0;
  for (std::size_t i = 0; i < measured.series.size(); ++i) {
    const Duration begin = std::chrono::seconds(i);
    const Duration end = begin + std::chrono::seconds(1);
    const bool still = std::any_of(measured.standstills.begin(), measured.standstills.end(),
                                   [&](const Standstill& one) {
                                     const Duration until = one.end.value_or(measured.window);
                                     return one.start < end && until + (until - one.start) > begin;
                                   });
    if (still) continue;
    seconds += 1;
    if (measured.series[i].waiting > 0) waiting += 1;
  }
  if (seconds <= 0) return std::nullopt;
  return waiting / seconds;
}

Figures figures_of(const Scenario& scenario, const Measurement& measured, const Report& report) {
  Figures figures;
  figures.requests = measured.requests;
  figures.unsimulated_locks = measured.unsimulated_locks;
  figures.failures = measured.failures;
  figures.window_s = to_s(measured.window);
  if (const auto* open = std::get_if<OpenLoad>(&scenario.load)) {
    figures.open_rate_per_s = open->rate_per_s;
  }
  if (const auto* stages = std::get_if<RateStages>(&scenario.load)) {
    figures.open_rate_per_s = highest_level(stages->stages);
  }
  const bool users = std::holds_alternative<ClosedLoad>(scenario.load) ||
                     std::holds_alternative<UserStages>(scenario.load);
  constexpr double kServed = 0.95;
  figures.arrivals_decide =
      !users && static_cast<double>(measured.requests.completed) >=
                    kServed * static_cast<double>(measured.requests.scheduled());
  if (scenario.deadline) figures.deadline_ms = to_ms(*scenario.deadline);
  figures.mean_ms = report.breakdown_ms;
  figures.latency_p50_ms = report.latency.p50;
  figures.pool_wait_p50_ms = report.pool_wait.p50;
  figures.pool_wait_p95_ms = report.pool_wait.p95;
  figures.connection_time_p95_ms = report.connection_time.p95;
  figures.connection_time_mean_ms = report.connection_time.mean.value_or(0);
  figures.waited_fraction = waited_fraction(measured);
  figures.connect_mean_ms = report.connect.mean.value_or(0);
  add_pool_figures(figures, report);
  add_server_figures(figures, report);
  add_pooler_figures(figures, report);
  add_exchange_figures(figures, report);
  add_stall_figures(figures, report);
  figures.standstills = measured.standstills;
  figures.waiting_otherwise = waiting_otherwise(measured);
  figures.client_saturated = report.client_saturated;
  figures.client_troubles = client_troubles_text(measured);
  figures.threads_help = more_threads_help(measured);
  figures.longest_hold = longest_step(report, "hold");
  figures.longest_sql = longest_step(report, "sql");
  add_weights(figures, scenario, measured, report);
  return figures;
}

}  // namespace poolgauge
