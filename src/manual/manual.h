// Every command with its options: what completion and manual pages are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge::manual {

/// What may be given instead of a value.
enum class Completes : std::uint8_t { nothing, choices, files, directories, scenarios };

/// An option, or an argument without a name.
struct OptionEntry {
  std::vector<std::string> names;  ///< "-h", "--help"; empty: an argument
  std::string value;               ///< "FILE", an argument's name; empty: a switch
  std::string help;                ///< one line
  std::string group;               ///< its heading
  std::string variable;            ///< the environment's, if it has one
  Completes completes = Completes::nothing;
  std::vector<std::string> choices;
  bool repeatable = false;
  bool required = false;
};

struct CommandEntry {
  std::vector<std::string> path;  ///< "scenario", "import"; empty: the program
  std::string help;
  std::string footer;  ///< explanations, then examples
  std::vector<OptionEntry> options;
  std::vector<OptionEntry> arguments;
  std::vector<CommandEntry> commands;  ///< below this one
};

/// "run" or "scenario import": its words with `between` in between.
std::string path_text(const CommandEntry& command, char between = ' ');
/// The command that these words name; nullptr when there is none.
const CommandEntry* find_command(const CommandEntry& program, const std::vector<std::string>& path);
/// All commands, each before those below it; the program itself comes first.
std::vector<const CommandEntry*> all_commands(const CommandEntry& program);

// Scripts that teach the shells our command line. All three are made of the same table, and none
// repeats what the shell itself knows: files are completed by its own means.

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

// A command's manual page, for man(1).

/// "poolgauge-scenario-import"
std::string page_name(const CommandEntry& command);

/// roff text, section 1. The program's own page lists the commands, the exit status and the
/// environment; each command has a page with its options.
std::string man_page(const CommandEntry& program, const CommandEntry& command,
                     std::string_view version);

// What other load generators call an option.

/// "--users" for "--vus" or pgbench's "-c"; empty: no option of another tool that is known here.
std::string option_elsewhere(std::string_view word);

}  // namespace poolgauge::manual
