// The goal that was probably meant, where one is written as other tools write theirs.
#pragma once

#include <string>
#include <string_view>

namespace poolgauge {

/// How goals are written, with examples, in one line.
inline constexpr const char* kGoalGrammar =
    "goals are STATISTIC(METRIC) OP VALUE [over TIME] [for request NAME], for example "
    "p95(latency) < 300ms, rate(error) <= 0.1%, throughput >= 100/s";

/// "p95(latency) < 300ms" for "p95 < 300ms" or "latency.p95 < 300ms", "p95(latency) < 1s for
/// request browse" for "p95(latency, browse) < 1s", "rate(error) < 1%" for "error_rate < 1%".
/// Always a goal that can be read; empty: none comes to mind.
std::string suggested_goal(std::string_view text);

}  // namespace poolgauge
