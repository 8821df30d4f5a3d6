// From a scenario and what was measured to one report: summaries, verdict, diagnosis.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/describe.h"
#include "assess/sentences.h"
#include "assess/verdict.h"
#include "base/text.h"
#include "poolgauge/pool_traits.h"
#include "poolgauge/report.h"
#include "stats/interval.h"
#include "stats/over_time.h"
#include "stats/product_limit.h"

namespace poolgauge {
namespace {

/// A second holds few values: one beyond the percentile will do for a curve, which decides nothing.
std::optional<double> second_quantile(const Histogram& histogram, double q) {
  if (static_cast<double>(histogram.count()) * (1 - q) < 1) return std::nullopt;
  return to_ms(histogram.quantile(q));
}

/// With intervals that know how the values depend on each other.
LatencySummary summary_of(const Histogram& histogram, const Histogram& ages, const Pieces& pieces) {
  LatencySummary summary;
  summary.count = histogram.count();
  const std::uint64_t all = histogram.count() + ages.count();
  if (!histogram.empty()) {
    summary.mean = histogram.mean_ns() / 1e6;
    summary.max = to_ms(histogram.max());
  }
  if (all == 0) return summary;
  const double least_mean = least_mean_ns(histogram, ages) / 1e6;
  if (!ages.empty() && least_mean > summary.mean.value_or(0)) summary.mean.at_least = least_mean;
  if (ages.max() > histogram.max()) summary.max.at_least = to_ms(ages.max());
  const auto supported = [&](double q) -> TimeFigure {
    const BoundedQuantile found = bounded_quantile(histogram, ages, q);
    TimeFigure figure;
    if (found.value && quantile_supported(histogram.count(), q)) figure = to_ms(*found.value);
    if (found.at_least && quantile_supported(all, q)) figure.at_least = to_ms(*found.at_least);
    return figure;
  };
  const auto interval = [&](double q) -> std::optional<std::pair<double, double>> {
    if (!quantile_supported(histogram.count(), q)) return std::nullopt;
    const auto found = quantile_interval(histogram, ages, pieces, q);
    if (!found) return std::nullopt;
    return std::pair{to_ms(found->low), to_ms(found->high)};
  };
  summary.p50 = supported(0.5);
  summary.p90 = supported(0.9);
  summary.p95 = supported(0.95);
  summary.p99 = supported(0.99);
  summary.p999 = supported(0.999);
  summary.p95_ci95 = interval(0.95);
  summary.p99_ci95 = interval(0.99);
  return summary;
}

std::optional<double> seen(double gauge) {
  if (gauge < 0) return std::nullopt;
  return gauge;
}

std::vector<SeriesPoint> timeline_of(const Measurement& measured) {
  std::vector<SeriesPoint> timeline;
  for (std::size_t i = 0; i < measured.series.size(); ++i) {
    const SecondSample& second = measured.series[i];
    SeriesPoint point;
    point.t_s = std::min(static_cast<double>(i + 1), to_s(measured.window));
    point.completed = second.completed;
    point.failed = second.failed;
    point.latency_p50_ms = second_quantile(second.latency, 0.50);
    point.latency_p95_ms = second_quantile(second.latency, 0.95);
    point.latency_p99_ms = second_quantile(second.latency, 0.99);
    point.checked_out = second.checked_out;
    point.overflow = second.overflow;
    point.waiting = second.waiting;
    point.server_active = seen(second.server_active);
    point.server_idle_in_transaction = seen(second.server_idle_in_transaction);
    point.server_lock_waits = seen(second.server_lock_waits);
    timeline.push_back(point);
  }
  return timeline;
}

Breakdown breakdown_of(const Measurement& measured) {
  const double n = static_cast<double>(measured.requests.completed) * 1e6;
  if (n <= 0) return {};
  const PhaseTotals& sum = measured.phases;
  Breakdown mean;
  mean.start = sum.start_ns / n;
  mean.pool_wait = sum.pool_wait_ns / n;
  mean.begin = sum.begin_ns / n;
  mean.sql = sum.sql_ns / n;
  mean.hold = sum.hold_ns / n;
  mean.pause = sum.pause_ns / n;
  mean.commit = sum.commit_ns / n;
  mean.release = sum.release_ns / n;
  mean.other = sum.other_ns / n;
  mean.backoff = sum.backoff_ns / n;
  return mean;
}

/// The line for a server connection stands in the pooler, so the client sees it as a long BEGIN.
void add_server_wait(Report& report) {
  if (!report.target.pooler) return;
  PoolerView& view = report.pooler;
  if (view.transactions > 0) {
    view.server_wait_ms = view.wait_s * 1e3 / static_cast<double>(view.transactions);
    view.server_wait_from = "counters";
    const double all_ms =
        report.latency.mean.value_or(0) * static_cast<double>(report.requests.completed);
    if (all_ms > 0) view.server_wait_share = std::min(1.0, view.wait_s * 1e3 / all_ms);
  } else if (report.target.pooler->pool_mode == "transaction" && report.phases.begin.count > 0) {
    view.server_wait_ms = report.phases.begin.mean;
    view.server_wait_from = "begin";
    const Breakdown& mean = report.breakdown_ms;
    if (mean.total() > 0) view.server_wait_share = (mean.begin + mean.release) / mean.total();
  }
}

std::string_view kind_name(StepKind kind) {
  switch (kind) {
    case StepKind::sql: return "sql";
    case StepKind::hold: return "hold";
    case StepKind::pause: return "pause";
  }
  return "sql";
}

void add_steps(Report& report, const Scenario& scenario, const Measurement& measured) {
  Histogram statements, statement_ages;
  std::vector<std::size_t> sql_steps;
  std::size_t index = 0;
  const auto at = [](const std::vector<Histogram>& all, std::size_t i) {
    return i < all.size() ? all[i] : Histogram{};
  };
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      const Histogram histogram = at(measured.steps, index);
      const Histogram ages = at(measured.in_flight.steps, index);
      if (step.kind == StepKind::sql) {
        statements.merge(histogram);
        statement_ages.merge(ages);
        sql_steps.push_back(index);
      }
      report.steps.push_back({request.name, step.name, std::string(kind_name(step.kind)),
                              summary_of(histogram, ages, pieces_of_steps(measured, {index}))});
      ++index;
    }
  }
  report.statement = summary_of(statements, statement_ages, pieces_of_steps(measured, sql_steps));
}

void add_kinds(Report& report, const Scenario& scenario, const Measurement& measured) {
  const std::vector<Histogram>& ages = measured.in_flight.requests;
  const bool several = scenario.requests.size() > 1;
  const std::size_t count = std::min(measured.kinds.size(), scenario.requests.size());
  for (std::size_t i = 0; i < count; ++i) {
    const KindMeasurement& seen = measured.kinds[i];
    RequestKind kind;
    kind.request = scenario.requests[i].name;
    kind.completed = seen.completed;
    kind.failed = seen.failed();
    kind.failures = seen.failures;
    kind.in_flight = i < ages.size() ? ages[i].count() : 0;
    // Requests that had not begun are of no kind yet, unless there is but one.
    kind.latency = several ? summary_of(seen.latency, request_ages(measured, i),
                                        pieces_of(measured, &Slice::kinds, {i}))
                           : report.latency;
    report.kinds.push_back(std::move(kind));
  }
}

/// By name; the first for one that a scenario without pools of its own was given.
std::uint32_t place_of(const Deployment& deployment, const std::string& name) {
  for (std::uint32_t i = 1; i < deployment.pool_count(); ++i) {
    if (deployment.pool_at(i).name == name) return i;
  }
  return 0;
}

/// "sqlalchemy-async 5+10"; of several each with its name before it.
std::string pools_text(const Report& report, const Scenario& scenario) {
  if (report.pools.empty()) return scenario.deployment.pool.kind;
  std::string text;
  for (const PoolSummary& pool : report.pools) {
    if (report.pools.size() > 1) text += (text.empty() ? "" : ", ") + pool.measured.name + " ";
    const bool own_limit = pool_traits(pool.kind).limits_connections &&
                           pool.measured.capacity > 0 && pool.measured.processes > 0;
    const auto limit =
        own_limit ? std::optional(pool.measured.capacity / pool.measured.processes) : std::nullopt;
    text += pool_text(pool.kind, pool.options, limit);
  }
  return text;
}

void add_pools(Report& report, const Scenario& scenario, const Measurement& measured,
               const RunFacts& facts) {
  const Deployment& deployment = scenario.deployment;
  for (const PoolMeasurement& pool : measured.pools) {
    PoolSummary summary;
    summary.measured = pool;
    const auto index = place_of(deployment, pool.name);
    const DeployedPool& spec = deployment.pool_at(index);
    summary.kind = spec.kind;
    summary.target = spec.target == PoolTarget::primary ? "primary" : "replica";
    summary.role = spec.role;
    if (!spec.role.empty()) {
      summary.role_by = spec.role_by == RoleBy::connect ? "connect" : "set role";
    }
    summary.options = index < facts.pool_options.size() ? facts.pool_options[index] : spec.options;
    if (pool.capacity > 0) {
      summary.utilization_mean = pool.checked_out_mean / static_cast<double>(pool.capacity);
    }
    report.pools.push_back(std::move(summary));
  }
}

double fraction_of(const Measurement& measured, FailureClass which) {
  const std::uint64_t ended = measured.requests.ended();
  std::uint64_t hits = 0;
  for (const FailureCount& failure : measured.failures) {
    if (failure.failure == which) hits += failure.count;
  }
  return ended > 0 ? static_cast<double>(hits) / static_cast<double>(ended) : 0;
}

void add_rates(Report& report, const Measurement& measured) {
  const RequestCounts& requests = measured.requests;
  report.requests = requests;
  report.failures = measured.failures;
  report.rate_pool_timeout = fraction_of(measured, FailureClass::pool_timeout);
  report.rate_deadline = fraction_of(measured, FailureClass::deadline);
  if (requests.ended() > 0) {
    report.rate_error =
        static_cast<double>(requests.failed) / static_cast<double>(requests.ended());
  }
  if (measured.window > Duration{0}) {
    report.throughput_per_s = static_cast<double>(requests.completed) / to_s(measured.window);
  }
  if (const auto interval = throughput_interval(measured)) {
    report.throughput_ci95 = std::pair{interval->low, interval->high};
  }
  if (requests.ended() == 0) return;
  const auto interval_of = [&](std::optional<FailureClass> failure) {
    const RateInterval interval = failure_interval(measured, failure);
    return std::pair{interval.low, interval.high};
  };
  report.pool_timeout_ci95 = interval_of(FailureClass::pool_timeout);
  report.deadline_ci95 = interval_of(FailureClass::deadline);
  report.error_ci95 = interval_of(std::nullopt);
}

void add_times(Report& report, const Measurement& m) {
  const Histogram of_latency = latency_ages(m);
  const Histogram of_waits = pool_wait_ages(m);
  const Histogram& of_connections = m.in_flight.connection_time;
  report.latency = summary_of(m.latency, of_latency, pieces_of(m, &Slice::latency));
  report.response = summary_of(m.response, response_ages(m), pieces_of(m, &Slice::response));
  report.pool_wait = summary_of(m.pool_wait, of_waits, pieces_of(m, &Slice::pool_wait));
  report.connect = summarize(m.connect);
  report.connection_time =
      summary_of(m.connection_time, of_connections, pieces_of(m, &Slice::connection_time));
  report.latency_percentiles = percentiles_of(m.latency, of_latency);
  report.pool_wait_percentiles = percentiles_of(m.pool_wait, of_waits);
  report.connection_time_percentiles = percentiles_of(m.connection_time, of_connections);
}

void add_client(Report& report, const Measurement& measured) {
  report.client_cpu_busy = measured.client.cpu_busy_ratio_max;
  report.client_cpu_s = measured.client.cpu_s;
  report.client_threads = measured.client.threads;
  report.schedule_lag =
      summary_of(measured.client.schedule_lag, {}, pieces_of(measured, &Slice::schedule_lag));
  report.client_saturated = client_saturated(measured);
  ClientFigures& client = report.client;
  client.by_thread = measured.client.by_thread;
  client.loop_lag = summarize(measured.client.loop_lag);
  client.descriptors_peak = measured.client.descriptors_peak;
  client.descriptors_limit = measured.client.descriptors_limit;
  client.machine = measured.client.machine;
}

/// Completions counted in windows of ten connection times.
void add_calibration(Report& report, const Measurement& measured) {
  report.calibration = measured.calibration;
  const Calibration& calibration = measured.calibration;
  if (calibration.bin_s <= 0 || measured.window <= Duration{0}) return;
  const double window_s = 10 * measured.connection_time.mean_ns() * 1e-9;
  std::vector<std::uint32_t> counts = calibration.completions;
  counts.resize(
      std::min(counts.size(), static_cast<std::size_t>(to_s(measured.window) / calibration.bin_s)));
  const double bins = std::max(1.0, std::ceil(window_s / calibration.bin_s));
  const Dispersion found = dispersion_of(counts, static_cast<std::size_t>(bins));
  report.calibration.dispersion = found.index;
  report.calibration.dispersion_se = found.standard_error;
  report.calibration.completions.clear();
}

void add_identity(Report& report, const Scenario& scenario, const RunFacts& facts) {
  report.tool_version = facts.tool_version;
  report.command = facts.command;
  report.command_line = facts.command_line;
  report.started_at = facts.started_at;
  report.label = facts.label;
  report.commit = facts.commit;
  report.machine = facts.machine;
  report.seed = facts.seed;
  report.target = facts.target;
  if (facts.part) report.part = facts.part;
  report.scenario_name = scenario.name;
  report.scenario_description = scenario.description;
  report.scenario_file = scenario.file;
  report.scenario_sha256 = scenario.sha256;
  report.scenario_json = scenario.resolved_json;
  report.load_text = load_text(scenario.load);
  report.fleet_text = fleet_text(scenario.deployment);
}

}  // namespace

LatencySummary summarize(const Histogram& histogram, const Histogram& ages) {
  return summary_of(histogram, ages, Pieces{});
}

Report make_report(const Scenario& scenario, const Measurement& measured, const RunFacts& facts) {
  Report report;
  add_identity(report, scenario, facts);
  report.partial = measured.partial || facts.interrupted;
  report.warmup_s = to_s(measured.warmup);
  report.steady = steadiness_of(measured);
  report.window_s = to_s(measured.window);
  add_rates(report, measured);
  const bool retries = std::any_of(scenario.requests.begin(), scenario.requests.end(),
                                   [](const RequestSpec& r) { return !r.retry.on.empty(); });
  if (retries) report.retries = measured.retries;
  add_times(report, measured);
  report.breakdown_ms = breakdown_of(measured);
  add_phases(report, scenario, measured);
  add_steps(report, scenario, measured);
  add_kinds(report, scenario, measured);
  add_pools(report, scenario, measured, facts);
  report.pool_text = pools_text(report, scenario);
  report.outages = measured.outages;
  report.guards = facts.guards;
  report.stalls = stalls_of(measured);
  add_in_flight(report, scenario, measured);
  report.standstills = measured.standstills;
  report.timeline = timeline_of(measured);
  report.server = measured.server;
  report.pooler = measured.pooler;
  add_server_wait(report);
  add_client(report, measured);
  add_calibration(report, measured);
  report.notes = measured.notes;
  if (report.part) report.part->measured = std::make_shared<const Measurement>(measured);
  add_histograms(report, scenario, measured);
  judge(report, scenario, measured, facts);
  return report;
}

}  // namespace poolgauge
