// `gate` and `compare`: judges saved reports, or runs a scenario and judges that.
#include "app/gate.h"

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/shell/messages.h"
#include "files/report_set.h"
#include "report/terminal/parts.h"

namespace poolgauge::cli {

namespace {

/// Prints the answer and writes the requested files; returns the verdict's exit status, or that of
/// a failed write.
int show_judged(const Report& judged, const OutputOptions& output, const Rendering& text) {
  const Report report = as_saved(judged);
  const Status printed = show_answer(report, output, text);
  if (!printed.ok()) return fail(printed.error());
  const Status written = write_requested(output, report);
  return written.ok() ? report.verdict.exit_code : fail(written.error());
}

/// The same with the report's own answer.
int show_judged(const Report& judged, const OutputOptions& output, const std::string& more = {}) {
  const Report report = as_saved(judged);  // so that `report` shows the very same later
  return show_judged(report, output,
                     [&](const TerminalStyle& style) { return to_terminal(report, style) + more; });
}

/// A path to nothing may have been meant as a report or as a scenario.
Status check_there(const std::string& argument) {
  const bool is_path = argument.find('/') != std::string::npos || argument.ends_with(".json");
  std::error_code ignored;
  if (!is_path || argument.find(',') != std::string::npos ||
      std::filesystem::exists(argument, ignored)) {
    return success();
  }
  return usage_error(argument + ": no such file or directory",
                     "give a report, a directory of reports, a scenario file, or the name of a "
                     "built-in scenario (poolgauge scenario list)");
}

}  // namespace

int gate_command(const GateOptions& options, const Context& context) {
  if (const Status there = check_there(options.run.scenario); !there.ok()) {
    return fail(there.error());
  }
  const OutputOptions& output = options.run.output;
  if (const Status good = check_gate(options, options.run); !good.ok()) return fail(good.error());
  const bool measures = !names_reports(options.run.scenario);
  if (const Status checked = check_outputs(output, measures); !checked.ok()) {
    return fail(checked.error());
  }
  if (!measures) {
    const Result<GateAnswer> answer = gate_reports(options, options.run, context);
    return answer.ok() ? show_judged(answer.value().report, output) : fail(answer.error());
  }
  if (!options.keep_runs.empty()) {
    OutputFiles runs;
    runs.directory = options.keep_runs;
    if (const Status made = check_outputs(runs, true); !made.ok()) return fail(made.error());
  }
  const OrFailure<GateAnswer> answer =
      gate_scenario(options, options.run, output.label, context, [&output] {
        return std::unique_ptr<ProgressSink>(new ProgressPrinter(progress_printer(output)));
      });
  if (!answer.ok()) return fail(answer.failure());
  const auto& [report, started] = answer.value();
  const Result<KeptReport> kept = keep_report(output.directory, as_saved(report), started);
  if (!kept.ok()) return fail(kept.error());
  return show_judged(report, output, "report       " + kept.value().json + "  .md\n");
}

int compare_command(const CompareOptions& options, const Context& context) {
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  const Result<Comparison> made = compare(options, context);
  if (!made.ok()) return fail(made.error());
  const auto& [report, sides] = made.value();
  if (!is_one_beside_one(*report.gate)) return show_judged(report, options.output);
  return show_judged(report, options.output, [&sides = sides](const TerminalStyle& style) {
    return side_by_side(sides.baseline.front().report, sides.candidate.front().report, style);
  });
}

}  // namespace poolgauge::cli
