// Pages of metrics: text, the forms of pool libraries, series over time, and the answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observe/observe.h"
#include "poolgauge/observe.h"
#include "poolgauge/result.h"

namespace poolgauge::observe {

/// One line of a page.
struct MetricSample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;            ///< may be infinite or not a number
  std::optional<double> at_s;  ///< since 1970, where the line says when it was taken
  std::string_view label(std::string_view wanted) const;
};

/// Reads the text format 0.0.4 and OpenMetrics: comments, blank lines and exemplars are skipped.
/// The error (kind usage) names the first line that is not a sample, and quotes its beginning.
Result<std::vector<MetricSample>> parse_metrics(std::string_view text);

// Connection pools in a page of metrics, whichever library exported it.

/// What a library tells of its pool. Counters grow for as long as the process runs; times in
/// seconds.
enum class PoolFigure : std::uint8_t {
  in_use,
  idle,
  open,
  waiting,  ///< requests that wait now
  most,     ///< the pool's limit
  kept,     ///< part of the limit; the other part is `overflow`
  overflow,
  requests,  ///< counter: acquired connections
  waited,    ///< counter: of these, how many had to wait
  wait_s,    ///< counter: time they waited
  holds,     ///< counter: returned connections
  hold_s,    ///< counter: time they were in use
  timeouts   ///< counter: requests that got none
};
inline constexpr std::size_t kPoolFigures = 13;

/// A histogram's counters: how many were at most so many seconds long. The last bound is infinite.
using MetricBuckets = std::map<double, double>;

/// One pool of one process at one moment.
struct PoolReading {
  std::string form;     ///< id: "hikaricp"
  std::string library;  ///< "HikariCP"
  std::string name;     ///< of the pool, with what else tells it from others
  std::string process;  ///< what tells processes with the same pool apart; may be empty
  std::array<std::optional<double>, kPoolFigures> figures;
  MetricBuckets waits, holds;
  std::optional<double> at_s;  ///< where the page says when it was taken
  const std::optional<double>& figure(PoolFigure wanted) const {
    return figures[static_cast<std::size_t>(wanted)];
  }
  std::optional<double>& figure(PoolFigure wanted) {
    return figures[static_cast<std::size_t>(wanted)];
  }
};

/// One page.
struct MetricsPage {
  std::vector<PoolReading> pools;
  std::optional<ObservePoolerLook> pooler;  ///< PgBouncer's; `t_s` is not set
  std::optional<double> at_s;               ///< since 1970
  std::set<std::string> ignored;            ///< metrics with values that cannot be
};

/// In one page, and in all pages of a run.
inline constexpr std::size_t kMostPools = 1'000;
inline constexpr std::size_t kMostPoolSamples = 10'000;

/// The pools among a page's metrics. Gauges outside 0 ... 1,000,000 and negative counters are
/// omitted; a limit above what a server can have (262,143) is none. The error (kind usage): it is
/// no page of metrics, none of them is of a pool, or more than 1,000 pools or 10,000 samples are.
Result<MetricsPage> read_metrics_page(std::string_view text);

// How each library names its pool's metrics.

/// One metric: its name without a prefix and without "_total"; `unit` makes seconds of it.
struct MetricName {
  PoolFigure figure;
  std::string_view name;
  double unit = 1;
  std::string_view state = {};  ///< only with this value of the label "state"
};
/// A histogram or a summary: name_sum, name_count, and name_bucket.
struct MetricTimer {
  bool of_holds = false;  ///< otherwise of waits
  std::string_view name;
  double unit = 1;
};
struct MetricsForm {
  std::string_view id, library;
  std::span<const MetricName> names;
  std::span<const MetricTimer> timers;
};

std::span<const MetricsForm> metrics_forms();

// One group's pools over time: what scrapes show between them.

/// PgBouncer's page from one of several places; without others, `place` may be empty.
struct ScrapedPooler {
  std::string place;
  ObservePoolerLook look;
};

/// The pages of all processes at one moment.
struct Scrape {
  double t_s = 0;  ///< since the first one
  std::vector<PoolReading> pools;
  std::vector<ScrapedPooler> poolers = {};
  std::set<std::string> ignored = {};  ///< metrics with values that cannot be
};

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

// From pages of metrics, some time apart, to the answer.

/// At least two scrapes in the order of time. A pool with the same name in several processes is one
/// group; without --processes their number is what was seen. Counters that shrink were reset: they
/// count from 0 again.
Observed answer_of_scrapes(std::span<const Scrape> scrapes, const Circumstances& circumstances,
                           const std::string& metrics_of);

/// The value below which the share `q` lies, in seconds, linear within a bucket. Nothing: fewer
/// than 100 values, or it lies above the last bound. `counts` are cumulative.
std::optional<double> bucket_quantile(const MetricBuckets& counts, double q);

/// How bursty requests must arrive (1: at random) so that one of `connections` is waited for so
/// long on average, over all requests; at most `connections`. Hayward's rule, and the wait of
/// M/M/c.
double burstiness_for(double wait_s, double hold_s, double in_use, std::int64_t connections);

}  // namespace poolgauge::observe
