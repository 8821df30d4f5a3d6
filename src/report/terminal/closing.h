// The verdict and its reason in one line or a few.
#pragma once

#include <string>

#include "poolgauge/report.h"

namespace poolgauge {

/// Verdict and reason in one line without its end, whatever the command was: "goal missed:
/// p95(latency) < 1s: measured 1.71 s, 71 % over the limit; bottleneck: pool".
std::string verdict_line(const Report& report);

/// Verdict and cause in a few lines, to stand below an answer that is longer than the screen, where
/// they would be the first to scroll away.
std::string closing_block(const Report& report, const TerminalStyle& style);

}  // namespace poolgauge
