// Histories of runs: reading and writing them, their series, and their metrics.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
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

// Which reports are one series: those with the same settings and the same target.

/// A short fingerprint of the settings: command, scenario (except names, goals, and durations of
/// warm-up and window), target, pooler, and the tool's version. Equal for reports of one series.
std::string series_of(const Report& report);

/// The same in words: "run · 100 users · sqlalchemy-async 5+10 · PostgreSQL 15 embedded · ...".
/// Two series may have the same words where they differ in a detail.
std::string asked_of(const Report& report);

/// The series of the entries, the one with the latest run first.
std::vector<HistorySeries> series_in(const std::vector<HistoryEntry>& entries);

/// Of one scenario's entries those of one series: the one whose id begins with `wanted`, or, where
/// that is empty, the one with the latest run. The other series become `others`. The error: no
/// series, or several, start with it.
Result<std::vector<HistoryEntry>> entries_of_series(std::vector<HistoryEntry> entries,
                                                    const std::string& wanted,
                                                    std::vector<HistorySeries>& others);

/// "3f2a91c0"; "unknown" for entries without settings.
std::string series_name(const HistorySeries& series);

// The figures that a history follows.

struct HistoryMetric {
  const char* name;
  const char* unit;  ///< "1/s", "s" or "fraction"
  bool higher_is_better;
  std::optional<double> HistoryEntry::*value;

  bool is_rate() const { return std::string_view(unit) == "fraction"; }
  /// In `unit`: entries have milliseconds.
  std::optional<double> of(const HistoryEntry& entry) const {
    const std::optional<double>& found = entry.*value;
    if (!found || std::string_view(unit) != "s") return found;
    return *found / 1e3;
  }
};

inline constexpr std::array kHistoryMetrics = {
    HistoryMetric{"throughput", "1/s", true, &HistoryEntry::throughput_per_s},
    HistoryMetric{"p50(latency)", "s", false, &HistoryEntry::latency_p50_ms},
    HistoryMetric{"p95(latency)", "s", false, &HistoryEntry::latency_p95_ms},
    HistoryMetric{"p99(latency)", "s", false, &HistoryEntry::latency_p99_ms},
    HistoryMetric{"mean(latency)", "s", false, &HistoryEntry::latency_mean_ms},
    HistoryMetric{"rate(pool_timeout)", "fraction", false, &HistoryEntry::pool_timeout_rate},
    HistoryMetric{"rate(error)", "fraction", false, &HistoryEntry::error_rate}};

}  // namespace poolgauge
