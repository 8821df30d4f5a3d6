// The program: parse, call the command, return its status.
#include <exception>
#include <string>
#include <variant>
#include <vector>

#include "cli/args/command_line.h"
#include "cli/commands/commands.h"
#include "cli/shell/messages.h"
#include "cli/shell/signals.h"
#include "cli/shell/wall_clock.h"
#include "files/report_set.h"
#include "pg/conninfo/conninfo.h"

namespace {

using namespace poolgauge;
using namespace poolgauge::cli;

int execute(const CommandLine& command_line, const Context& context) {
  struct Call {
    const Context& context;
    int operator()(const EarlyExit& early) const {
      print_err(early.err);
      const Status printed = print_out(early.out);
      return printed.ok() ? early.code : fail(printed.error());
    }
    int operator()(const RunOptions& options) const { return run_command(options, context); }
    int operator()(const AdviseOptions& options) const { return advise_command(options, context); }
    int operator()(const SweepOptions& options) const { return sweep_command(options, context); }
    int operator()(const SimulateOptions& options) const {
      return simulate_command(options, context);
    }
    int operator()(const SizeOptions& options) const { return size_command(options, context); }
    int operator()(const GateOptions& options) const { return gate_command(options, context); }
    int operator()(const CompareOptions& options) const {
      return compare_command(options, context);
    }
    int operator()(const DoctorOptions& options) const { return doctor_command(options, context); }
    int operator()(const ObserveOptions& options) const {
      return observe_command(options, context);
    }
    int operator()(const HistoryOptions& options) const {
      return history_command(options, context);
    }
    int operator()(const ReportOptions& options) const { return report_command(options, context); }
    int operator()(const MergeOptions& options) const { return merge_command(options, context); }
    int operator()(const ScenarioOptions& options) const {
      return scenario_command(options, context);
    }
    int operator()(const CompletionOptions& options) const { return completion_command(options); }
    int operator()(const ManOptions& options) const { return man_command(options); }
  };
  return std::visit(Call{context}, command_line);
}

StopFlag stop;  // outlives every handler that may set it

}  // namespace

int main(int argc, char** argv) {
  try {
    stop_on_signals(stop);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    remember_secrets(arguments);
    remember_secrets_of_environment();
    const CommandLine command_line = parse_command_line(arguments);
    const Context context{reproducible(arguments), process_environment(), stop,
                          std::string(tool_version()), wall_clock};
    return execute(command_line, context);
  } catch (const std::exception& error) {
    return fail(Error{ErrorKind::internal, std::string("internal error: ") + error.what(), ""});
  }
}
