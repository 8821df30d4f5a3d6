// Renders the recommendation of `advise` for people.
#pragma once

#include <string>

#include "poolgauge/report.h"

namespace poolgauge {

/// The whole screen after `advise`.
std::string advice_terminal(const Report& report, const TerminalStyle& style);
/// The part above the last run's report: the answer, its reason, runs, alternatives, and snippets.
std::string advice_markdown(const Report& report);

}  // namespace poolgauge
