// The details of a sizing, below its first screen.
#pragma once

#include <string>

#include "poolgauge/sizing.h"
#include "report/terminal/screen.h"

namespace poolgauge {

/// The rules of thumb: a line for each; with `whole` each with source, assumptions and limits, and
/// the alerts, timeouts and memory.
std::string size_details(const Sizing& sizing, const TerminalStyle& style, bool whole);

/// A configuration to paste, below its title.
void add_snippet(Screen& screen, const Snippet& snippet);

}  // namespace poolgauge
