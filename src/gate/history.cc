// Entries from reports, and the search for changes.
#include "gate/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/verdict.h"
#include "math/change_points.h"

namespace poolgauge {
namespace {

constexpr std::size_t kMostExamined = 200;
constexpr double kLeastShare = 0.05;  // of a change worth telling
constexpr double kLeastRate = 0.001;  // the same for rates
constexpr std::size_t kShownCommit = 12;

/// The changes of one metric; entries without the figure are stepped over.
void add_changes(History& history, const HistoryMetric& metric) {
  const std::size_t first = history.entries.size() - history.examined;
  std::vector<double> values;
  std::vector<std::size_t> places;
  for (std::size_t i = first; i < history.entries.size(); ++i) {
    const std::optional<double> value = metric.of(history.entries[i]);
    if (!value || (!metric.is_rate() && *value <= 0)) continue;
    values.push_back(metric.is_rate() ? *value : std::log(*value));
    places.push_back(i);
  }
  math::ChangeRules rules;
  rules.least = metric.is_rate() ? kLeastRate : std::log1p(kLeastShare);
  for (const math::ChangePoint& point : math::change_points(values, rules)) {
    HistoryChange change;
    change.metric = metric.name;
    change.unit = metric.unit;
    change.at = places[point.at];
    change.before = metric.is_rate() ? point.before : std::exp(point.before);
    change.after = metric.is_rate() ? point.after : std::exp(point.after);
    change.p = point.p;
    change.worse = (change.after > change.before) != metric.higher_is_better;
    history.changes.push_back(change);
  }
}

}  // namespace

std::string HistoryEntry::name() const {
  if (!label.empty()) return label;
  return commit.empty() ? "" : commit.substr(0, kShownCommit);
}

HistoryEntry history_entry(const Report& report) {
  HistoryEntry entry;
  entry.started_at = report.started_at;
  entry.scenario = report.scenario_name;
  entry.label = report.label;
  entry.commit = report.commit;
  entry.server = report.target.kind == "simulated" ? "simulated" : report.target.server_version;
  if (report.machine.cores > 0) {
    entry.machine = fmt::format("{} {} cores", report.machine.arch, report.machine.cores);
  }
  const bool incomparable = report.gate && report.gate->verdict == GateVerdict::invalid;
  entry.verdict = incomparable ? "not comparable" : status_name(report.verdict.status);
  entry.series = series_of(report);
  entry.asked = asked_of(report);
  entry.seed = report.seed;
  entry.throughput_per_s = report.throughput_per_s;
  entry.latency_mean_ms = report.latency.mean;
  entry.latency_p50_ms = report.latency.p50;
  entry.latency_p95_ms = report.latency.p95;
  entry.latency_p99_ms = report.latency.p99;
  entry.pool_timeout_rate = report.rate_pool_timeout;
  entry.error_rate = report.rate_error;
  return entry;
}

History make_history(std::vector<HistoryEntry> entries, const std::string& metric) {
  History history;
  history.metric = metric;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.started_at < b.started_at; });
  history.entries = std::move(entries);
  if (!history.entries.empty()) history.scenario = history.entries.front().scenario;
  if (series_in(history.entries).size() > 1) return history;
  history.examined = std::min(history.entries.size(), kMostExamined);
  for (const HistoryMetric& one : kHistoryMetrics) add_changes(history, one);
  std::stable_sort(history.changes.begin(), history.changes.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return history;
}

}  // namespace poolgauge
