// Scripts that teach the shells our command line. All three are made of the same table, and none
// repeats what the shell itself knows: files are completed by its own means.
#pragma once

#include <string>
#include <vector>

#include "cli/args/command_table.h"

namespace poolgauge::cli {

std::string bash_completion(const CommandEntry& program);
std::string zsh_completion(const CommandEntry& program);
std::string fish_completion(const CommandEntry& program);

// What the three share:

/// A word for bash or zsh, whatever is in it.
std::string single_quoted(const std::string& text);
std::string spaced(const std::vector<std::string>& words);
/// The first lines of a script.
std::string completion_heading(const std::string& shell, const std::string& how);
/// `text` with the command that lists scenarios instead of @LIST@.
std::string with_scenario_list(std::string text);

}  // namespace poolgauge::cli
