// An answer where people look at it: the whole, or its one line for --quiet.
#pragma once

#include <functional>
#include <string>

#include "cli/args/options.h"
#include "cli/shell/terminal.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

/// An answer for one terminal.
using Rendering = std::function<std::string(const TerminalStyle&)>;

/// Prints an answer on standard output, or on standard error where a report goes to standard
/// output. On a terminal that is too low for it, `closing` follows below; it may give nothing.
/// Trouble with standard output is returned.
Status show_text(const OutputOptions& output, const Rendering& text, const Rendering& closing);

/// The same for a report, which knows its own closing block. With --quiet nothing but, where the
/// exit status is not 0, one line on standard error: the verdict and its reason.
Status show_answer(const Report& report, const OutputOptions& output, const Rendering& text);

/// One sentence as `closing`, broken where it is wider than the terminal.
std::string closing_line(const std::string& sentence, const TerminalStyle& style);

}  // namespace poolgauge::cli
