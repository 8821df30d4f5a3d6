// Connection pools in a page of metrics, whichever library exported it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "observe/metrics_text.h"
#include "poolgauge/observe.h"

namespace poolgauge::observe {

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

}  // namespace poolgauge::observe
