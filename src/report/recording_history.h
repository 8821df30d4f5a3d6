// A recording of `observe` drawn over time.
#pragma once

#include <string>

#include "poolgauge/observe.h"

namespace poolgauge {

/// For each group: connections in use over the whole window, the busiest minute, and the mean of
/// each hour of the day (UTC).
std::string recording_to_terminal(const Observed& observed, const TerminalStyle& style);
std::string recording_to_markdown(const Observed& observed);

}  // namespace poolgauge
