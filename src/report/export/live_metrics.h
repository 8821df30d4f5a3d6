// `observe --listen`: what is seen now, as Prometheus scrapes it.
#pragma once

#include <string>
#include <string_view>

#include "observe/live.h"

namespace poolgauge {

/// The text format 0.0.4: gauges of the last sample, counters since the start, and gauges that
/// begin with poolgauge_observe_window_ of the last window that is over.
std::string live_metrics(const observe::LiveState& state, const observe::LiveTarget& target);
/// The same in the form of OpenMetrics 1.0.
std::string open_metrics(std::string_view metrics);

}  // namespace poolgauge
