// A measurement back from a report: what is counted and what histograms hold, exactly.
#include <fmt/format.h>

#include "assess/verdict.h"
#include "poolgauge/report.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMetrics = 6;

Error missing(const std::string& what) {
  return Error{ErrorKind::usage, what,
               "reports written by versions before 0.1.0 have no histograms: measure again"};
}

Status put(Histogram& into, const KeptHistogram& kept, const char* name) {
  if (kept.name != name) return missing(fmt::format("the report has no histogram \"{}\"", name));
  if (!into.merge(kept.whole)) return missing(fmt::format("its histogram \"{}\" is damaged", name));
  return success();
}

PhaseTotals totals_of(const Breakdown& mean, std::uint64_t completed) {
  const double n = static_cast<double>(completed) * 1e6;
  PhaseTotals totals;
  totals.start_ns = mean.start * n;
  totals.pool_wait_ns = mean.pool_wait * n;
  totals.begin_ns = mean.begin * n;
  totals.sql_ns = mean.sql * n;
  totals.hold_ns = mean.hold * n;
  totals.pause_ns = mean.pause * n;
  totals.commit_ns = mean.commit * n;
  totals.release_ns = mean.release * n;
  totals.other_ns = mean.other * n;
  totals.backoff_ns = mean.backoff * n;
  return totals;
}

/// A second's percentiles are not in it: those of parts do not make those of the whole.
SecondSample second_of(const SeriesPoint& point) {
  SecondSample second;
  second.completed = point.completed;
  second.failed = point.failed;
  second.checked_out = point.checked_out;
  second.overflow = point.overflow;
  second.waiting = point.waiting;
  second.server_active = point.server_active.value_or(-1);
  second.server_lock_waits = point.server_lock_waits.value_or(-1);
  second.server_idle_in_transaction = point.server_idle_in_transaction.value_or(-1);
  return second;
}

Status put_histograms(Measurement& m, const std::vector<KeptHistogram>& kept) {
  if (kept.size() < kMetrics) return missing("the report has no histograms");
  const struct {
    Histogram& into;
    const char* name;
  } metrics[kMetrics] = {{m.latency, "latency"},     {m.response, "response"},
                         {m.pool_wait, "pool_wait"}, {m.connection_time, "connection_time"},
                         {m.connect, "connect"},     {m.client.schedule_lag, "schedule_lag"}};
  for (std::size_t i = 0; i < kMetrics; ++i) {
    const Status done = put(metrics[i].into, kept[i], metrics[i].name);
    if (!done.ok()) return done;
  }
  std::size_t kind = 0;
  for (std::size_t i = kMetrics; i < kept.size(); ++i) {
    const bool of_kind = kept[i].name.starts_with("request:");
    if (of_kind && kind == m.kinds.size()) return missing("its \"requests_by_kind\" is incomplete");
    Histogram& into = of_kind ? m.kinds[kind++].latency : m.steps.emplace_back();
    const Status done = put(into, kept[i], kept[i].name.c_str());
    if (!done.ok()) return done;
  }
  return success();
}

/// A part's report has what it counted exactly, and the rest as every report.
Measurement all_of(const Report& report) {
  Measurement m = *report.part->measured;
  m.failures = report.failures;
  m.server = report.server;
  m.pooler = report.pooler;
  m.notes = report.notes;
  return m;
}

std::vector<KindMeasurement> kinds_of(const Report& report) {
  std::vector<KindMeasurement> kinds;
  for (const RequestKind& kind : report.kinds) {
    KindMeasurement& seen = kinds.emplace_back();
    seen.completed = kind.completed;
    seen.failures = kind.failures;
  }
  return kinds;
}

}  // namespace

Result<Measurement> measurement_of(const Report& report) {
  if (report.part && report.part->measured) return all_of(report);
  Measurement m;
  m.kinds = kinds_of(report);
  if (const Status done = put_histograms(m, report.histograms); !done.ok()) return done.error();
  if (const Status done = put_ages(m, report); !done.ok()) return done.error();
  m.warmup = from_s(report.warmup_s);
  m.warmup_end = {report.steady.automatic, report.steady.automatic && report.steady.reached};
  m.window = from_s(report.window_s);
  m.gaps = report.gaps;
  m.partial = report.partial;
  m.simulated = report.target.kind == "simulated";
  if (report.target.simulation) m.unsimulated_locks = report.target.simulation->locks;
  m.costs_assumed = report.target.simulation && report.target.simulation->costs_assumed();
  m.requests = report.requests;
  m.phases = totals_of(report.breakdown_ms, report.requests.completed);
  m.failures = report.failures;
  for (const SeriesPoint& point : report.timeline) m.series.push_back(second_of(point));
  for (const PoolSummary& pool : report.pools) m.pools.push_back(pool.measured);
  m.outages = report.outages;
  m.standstills = report.standstills;
  m.server = report.server;
  m.pooler = report.pooler;
  m.client.threads = report.client_threads;
  m.client.cpu_busy_ratio_max = report.client_cpu_busy;
  m.client.cpu_busy_ratio_mean = report.client_cpu_busy;
  m.client.cpu_s = report.client_cpu_s;
  m.notes = report.notes;
  return m;
}

}  // namespace poolgauge
