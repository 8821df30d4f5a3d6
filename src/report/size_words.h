// Words and figures that the renderers of a sizing share, and the forms of a history.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/history.h"
#include "poolgauge/sizing.h"

namespace poolgauge {

/// "1,234", "-5".
std::string whole_number(std::int64_t value);
/// "formula", "simulated", "measured"
std::string confidence_name(Confidence confidence);
/// "pool_size 6", "max_overflow 2", ...
/// In the words of the pool's own library, where its kind is known.
std::vector<std::string> setting_parts(const Recommendation& recommendation);
/// "80 of 92 available (100 − 3 reserved − 5 others)"
std::string budget_text(const ConnectionBudget& budget);
/// Whether so much of the available slots stays free.
bool keeps_headroom(const ConnectionBudget& budget, double headroom);
/// "available: 92 (100 − 3 reserved − 5 other clients), 82 if 10 % are kept free"
std::string fit_text(const ConnectionBudget& budget, double headroom);
/// The judged setting, in one sentence.
std::string judged_text(const JudgedSetting& judged, const SizingOptions& names);
/// "with 25 % growth", "without growth": what a figure that depends on the load includes.
std::string growth_text(double growth);
/// "3.1 % of the checkouts wait, p95 wait 12.0 ms, 0 % time out"; empty when nothing is known.
std::string forecast_text(const PoolForecast& forecast);
/// "20 + 40 overflow, max_connections 90"; "–" when the rule has no answer.
std::string rule_answer_text(const FormulaAnswer& rule);
/// "600 in total: does not fit"
std::string rule_fleet_text(const FormulaAnswer& rule);
/// Both, the size once where it is meant for all pools together.
std::string rule_whole_text(const FormulaAnswer& rule);

// A history of runs in every form that people and programs read.

/// One line of JSON with its newline: files of them grow at the end and diff well.
std::string history_line(const HistoryEntry& entry);
/// Reads such lines; an error names the line.
Result<std::vector<HistoryEntry>> read_history(std::string_view text, const std::string& file);

/// The metrics that a history follows.
std::vector<std::string> history_metrics();

std::string history_to_terminal(const History& history, const TerminalStyle& style);
/// What changed, once more: it stands below a history that is longer than the screen.
std::string history_closing(const History& history, const TerminalStyle& style);
std::string history_to_markdown(const History& history);
std::string history_to_json(const History& history);

}  // namespace poolgauge
