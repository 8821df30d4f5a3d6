// The words of an advice that the terminal and Markdown share.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// "measured and confirmed", "simulated", "best so far, not confirmed", ...
std::string trust_words(const Recommendation& r);
/// "pool_size 62", "max_overflow 0", "timeout 2s", ..., "max_connections 80": the pool's own names.
std::vector<std::string> own_parts(const Recommendation& r);
/// "p95(latency) < 1 s: 0.97 s", ...
std::vector<std::string> goal_parts(const Report& report);
/// "1 instance × 2 processes × (6 + 2) = 16 of 95 usable slots (100 − 3 reserved − 2 others)"
std::string fit_words(const Report& report);
/// What the rules of thumb would do here: "workers × 2 → 20 + 40 (p95 1.02 s, misses)".
std::vector<std::string> rule_parts(const Recommendation& r);

/// The table of runs, heads first: size, run, predicted and measured p95, wait, timeouts, goals.
std::vector<std::vector<std::string>> run_table(const Recommendation& r);
/// Latency against size, as measured; empty with fewer than three sizes.
std::vector<std::string> run_plot(const Recommendation& r, std::size_t width);

}  // namespace poolgauge
