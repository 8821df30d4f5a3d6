// One group's pools over time: what scrapes show between them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "observe/metrics_answer.h"

namespace poolgauge::observe {

/// Sums over all processes of one pool, from one scrape to the next.
struct PoolInterval {
  double t_s = 0, seconds = 0;
  double in_use = 0, open = 0, waiting = 0;  ///< at its end
  std::int64_t processes = 0;
  std::int64_t full = 0, queued = 0;  ///< processes that had all in use; in which a request waited
  /// Counted meanwhile; absent: not exported.
  std::optional<double> requests, waited, wait_s, holds, hold_s, timeouts;
};

struct PoolSeries {
  std::string form, library, name;
  std::vector<PoolInterval> intervals;
  std::set<std::string> processes;
  std::optional<double> limit;  ///< of all processes at the last scrape; absent: one has none
  bool shows_waiting = false;   ///< there is a gauge of requests that wait
  double in_use_most = 0, open_least = 0, open_most = 0;
  MetricBuckets waits, holds;  ///< cumulative counts of the whole time
  std::size_t resets = 0;      ///< of counters
};

/// By form and name, in the order in which they were first seen: the first 1,000.
std::vector<PoolSeries> pool_series(std::span<const Scrape> scrapes);

/// Sums over the whole time.
PoolInterval total_of(const PoolSeries& series);
/// Whether the time in use is counted, and hardly any of it lies beyond the ends of the window.
bool counts_use(const PoolInterval& sum);
/// Everything about one pool: the same figures as of a group of sessions, and its waits.
ObservedGroup group_of(const PoolSeries& series, const Circumstances& circumstances);

}  // namespace poolgauge::observe
