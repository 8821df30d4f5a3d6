// The words of an advice that the terminal and Markdown share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// "measured, confirmed: 3 of 3 runs met the goals", "simulated, likely: 1 of 1 run ...", ...
std::string trust_words(const Recommendation& r);
/// "pool_size 62", "max_overflow 0", "timeout 2s", ...: settings of the pool alone, in its own
/// names.
std::vector<std::string> own_parts(const Recommendation& r);
/// What is to be done before any size is set; empty: nothing.
std::string first_words(const Recommendation& r);
/// "Sized for 125 users: 25 % more than the scenario has."; empty in older reports.
std::string load_words(const Report& report);
/// "p95(latency) < 1 s: 0.97 s", ...
std::vector<std::string> goal_parts(const Report& report);
/// "2 processes × 8 = 16 connections"
std::string fit_words(const Report& report);
/// Limit by limit: whose it is, whether it stays or what it must become.
std::vector<std::string> limit_lines(const Recommendation& r);
/// What the rules of thumb would do here: "workers × 2 → 20 + 40 (p95 1.02 s, misses)".
std::vector<std::string> rule_parts(const Recommendation& r);

/// The table of runs, heads first: size, run, the figure of the goal that decides as expected and
/// as seen, wait, timeouts, goals.
std::vector<std::vector<std::string>> run_table(const Recommendation& r);
/// "The goal's figures are those of ...": a note for the table; empty in older reports.
std::string run_table_words(const Recommendation& r);
/// What the plots of the runs show: the deciding goal's figure where it is a time, else latency.
std::string plotted_figure(const Recommendation& r);
/// Of one run, in milliseconds: as measured and as expected.
std::optional<double> plotted_ms(const Recommendation& r, const SearchRun& run);
std::optional<double> plotted_expectation_ms(const Recommendation& r, const SearchRun& run);
/// That figure against size, as measured; empty with fewer than three sizes.
std::vector<std::string> run_plot(const Recommendation& r, std::size_t width);

}  // namespace poolgauge
