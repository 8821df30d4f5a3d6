// The command line as values, its table of commands, and the help's text.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "cli/args/live_options.h"
#include "cli/args/options.h"
#include "manual/manual.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

/// Help, the version, or a mistake: what to print where, and the exit status.
struct EarlyExit {
  int code = 0;
  std::string out;  ///< for standard output
  std::string err;  ///< for standard error
};

using CommandLine =
    std::variant<EarlyExit, RunOptions, AdviseOptions, SweepOptions, SimulateOptions, SizeOptions,
                 GateOptions, CompareOptions, HistoryOptions, ReportOptions, ScenarioOptions,
                 MergeOptions, CompletionOptions, ManOptions, DoctorOptions, ObserveOptions>;

/// `arguments` without the program's name.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

/// What can be typed.
manual::CommandEntry program_table();

/// The command as it can be typed again, quoted for a shell, secrets removed.
std::string reproducible(const std::vector<std::string>& arguments);

// The table of commands, read from the very options that parse the command line and print the help.

manual::CommandEntry command_table(CLI::App& app);

// The help that CLI11 writes, as it is shown.

/// Where the words about an option begin.
inline constexpr std::size_t kHelpColumn = 32;

/// CLI11's help without its runs of empty lines and its dots after options that may be repeated
/// (of those of a scenario's keys the last one counts), in lines of at most 100 columns.
std::string tidied_help(std::string text);

}  // namespace poolgauge::cli
