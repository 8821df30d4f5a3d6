// A sweep for people: the curve as plots and as a table.
#pragma once

#include <string>

#include "poolgauge/report.h"

namespace poolgauge {

/// The whole screen after a sweep.
std::string sweep_terminal(const Report& report, const TerminalStyle& style);
/// Its Markdown: first line, plot and table.
std::string sweep_markdown(const Report& report);

}  // namespace poolgauge
