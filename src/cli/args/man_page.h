// A command's manual page, for man(1).
#pragma once

#include <string>
#include <string_view>

#include "cli/args/command_table.h"

namespace poolgauge::cli {

/// "poolgauge-scenario-import"
std::string page_name(const CommandEntry& command);

/// roff text, section 1. The program's own page lists the commands, the exit status and the
/// environment; each command has a page with its options.
std::string man_page(const CommandEntry& program, const CommandEntry& command,
                     std::string_view version);

}  // namespace poolgauge::cli
