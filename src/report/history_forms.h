// A history of runs in every form that people and programs read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/history.h"

namespace poolgauge {

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
