// The history of many reports: their figures, and their change points.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge {

/// One run as a line. A figure is nullopt if the sample was too small.
struct HistoryEntry {
  std::string started_at, scenario, label, commit, server, machine, verdict;
  /// The settings: a fingerprint, and in words. Empty in lines of older versions.
  std::string series, asked;
  std::optional<double> throughput_per_s, latency_mean_ms, latency_p50_ms, latency_p95_ms,
      latency_p99_ms, pool_timeout_rate, error_rate;
  std::uint64_t seed = 0;
  /// "smaller pool", "4f2a9c1", or the time where there is nothing better.
  std::string name() const;
};
HistoryEntry history_entry(const Report& report);

/// Runs with the same settings (see history_series.h).
struct HistorySeries {
  std::string id, asked;  ///< as HistoryEntry has them
  std::size_t runs = 0;
  std::string latest;  ///< when the last of them started
};

/// A change point between two runs.
struct HistoryChange {
  std::string metric;            ///< "throughput", "p95(latency)", ...
  std::size_t at = 0;            ///< the first entry of the new level
  double before = 0, after = 0;  ///< medians, in the metric's unit: "1/s", "s" or "fraction"
  std::string unit;
  double p = 1;
  bool worse = false;
};

struct History {
  std::string scenario;
  std::vector<HistoryEntry> entries;    ///< oldest first
  std::vector<HistorySeries> others;    ///< of the same scenario and not in `entries`
  std::vector<HistoryChange> changes;   ///< by place, then metric
  std::string metric = "p95(latency)";  ///< of the chart
  /// How many of the latest entries were searched for changes; 0: they are several series.
  std::size_t examined = 0;
};

/// Sorts the entries by start (those of one second stay in the order given) and finds the changes
/// of every metric among the latest ones. Entries of several series are not searched: their
/// settings differ, so a difference between them is no change of performance.
History make_history(std::vector<HistoryEntry> entries, const std::string& metric);

}  // namespace poolgauge
