// Every command with its options, read from the very table that parses the command line and prints
// the help: what completion and manual pages are made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace poolgauge::cli {

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

CommandEntry command_table(CLI::App& app);

/// "run" or "scenario import": its words with `between` in between.
std::string path_text(const CommandEntry& command, char between = ' ');
/// The command that these words name; nullptr when there is none.
const CommandEntry* find_command(const CommandEntry& program, const std::vector<std::string>& path);
/// All commands, each before those below it; the program itself comes first.
std::vector<const CommandEntry*> all_commands(const CommandEntry& program);

}  // namespace poolgauge::cli
