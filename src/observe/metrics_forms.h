// How each library names its pool's metrics.
#pragma once

#include <span>
#include <string_view>

#include "observe/metrics_page.h"

namespace poolgauge::observe {

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

}  // namespace poolgauge::observe
