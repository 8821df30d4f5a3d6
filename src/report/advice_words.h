// The words of an advice that the terminal and Markdown share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// "RECOMMENDATION", or what the answer is instead: "NO SIZE WORKS", "NOT CONFIRMED", or "NOT
/// RECOMMENDED" where the goals will probably be missed.
std::string advice_title(const Recommendation& r);
/// Where no size works: whether the limits are what is in the way.
std::string no_size_words(const Recommendation& r);
/// What was searched, without size and length of the run whose figures the report has.
std::vector<std::string> advice_context(const Report& report);
/// "Last run of this size", or which other run the report's figures are of.
std::string shown_run_words(const Report& report);
/// "measured, confirmed: 3 of 3 runs met the goals", "simulated, likely: 1 of 1 run ...", ...
std::string trust_words(const Recommendation& r);
/// "pool_size 62", "max_overflow 0", "timeout 2s", ...: settings of the pool alone, in its own
/// names.
std::vector<std::string> own_parts(const Recommendation& r);
/// What is to be done before any size is set; empty: nothing.
std::string first_words(const Recommendation& r);
/// "Sized for 125 users, 25 % more than in the scenario (--headroom-load)."; empty in older
/// reports.
std::string load_words(const Report& report);
/// "p95(latency) < 1 s: 0.97 s", ...: of the run that shown_run_words() names
std::vector<std::string> goal_parts(const Report& report);
/// "2 processes × 8 = 16 connections"
std::string fit_words(const Report& report);
/// Limit by limit: whose it is, whether it stays or what it must become.
std::vector<std::string> limit_lines(const Recommendation& r);
/// What the rules of thumb would do here: "workers × 2: pool_size 20, max_overflow 40 (misses the
/// goals)".
std::vector<std::string> rule_parts(const Recommendation& r);

/// The table of runs, heads first: size, run, the figure of the goal that decides as expected and
/// as seen, wait, timeouts, goals.
std::vector<std::vector<std::string>> run_table(const Recommendation& r);
/// "The goal's figures are those of ...": a note for the table; empty in older reports.
std::string run_table_words(const Recommendation& r);
/// Why runs are unusable: each cause once, with the sizes.
std::vector<std::string> run_notes(const Recommendation& r);
/// What the plots call the size of the answer: "recommended", "best", or "proposed".
std::string marked_words(const Recommendation& r);
/// What the plots of the runs show: the deciding goal's figure where it is a time, else latency.
std::string plotted_figure(const Recommendation& r);
/// Of one run, in milliseconds: as measured and as expected.
std::optional<double> plotted_ms(const Recommendation& r, const SearchRun& run);
std::optional<double> plotted_expectation_ms(const Recommendation& r, const SearchRun& run);
/// That figure against size, as measured; empty with fewer than three sizes.
std::vector<std::string> run_plot(const Recommendation& r, std::size_t width);

}  // namespace poolgauge
