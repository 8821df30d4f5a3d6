// The figures that a history follows.
#pragma once

#include <array>
#include <string_view>

#include "gate/history.h"

namespace poolgauge {

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
