// From argv to the options of one command, or to the text and status that end the program.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/args/command_table.h"
#include "cli/args/doctor_options.h"
#include "cli/args/options.h"

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
                 MergeOptions, CompletionOptions, ManOptions, DoctorOptions>;

/// `arguments` without the program's name.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

/// What can be typed.
CommandEntry program_table();

/// The command as it can be typed again, quoted for a shell, secrets removed.
std::string reproducible(const std::vector<std::string>& arguments);

}  // namespace poolgauge::cli
