// Report out, status back.
#include "cli/commands/finish.h"

#include <filesystem>
#include <string>

#include "cli/shell/messages.h"
#include "files/outputs.h"

namespace poolgauge::cli {

namespace {

void print_summary(const Report& report, const OutputOptions& output, const std::string& files) {
  const Status printed = show_answer(report, output, [&](const TerminalStyle& style) {
    return to_terminal(report, style) + files;
  });
  if (!printed.ok()) print_err(error_text(printed.error()));
}

}  // namespace

void EarlyReport::write(Report report) {
  report.notes.emplace_back(
      "This report was written before the teardown and before the throwaway servers shut down; "
      "problems there are not in it.");
  const Report saved = as_saved(report);
  const Result<KeptReport> kept = keep_report(output_.directory, saved, started_);
  if (kept.ok()) kept_ = kept.value();
  write_requested_early(output_, saved);
}

ProgressPrinter progress_printer(const OutputOptions& output) {
  const Terminal terminal = inspect_terminal(2, output.no_color);
  return ProgressPrinter(progress_mode(output.progress, output.quiet, terminal), terminal,
                         output.quiet);
}

void say_flags(const Scenario& scenario, bool quiet) {
  if (!quiet) print_err(flags_line(scenario));
}

int finish(const Report& measured, const OutputOptions& output, std::time_t started,
           const EarlyReport* early) {
  const Report report = as_saved(measured);  // so that `report` shows the very same later
  const bool again = early != nullptr && early->kept();
  const Result<KeptReport> kept = again ? replace_report(*early->kept(), report)
                                        : keep_report(output.directory, report, started);
  const std::string files = kept.ok() ? "report       " + kept.value().json + "  .md\n" : "";
  print_summary(report, output, files);
  const Status requested = write_requested(output, report);
  if (!kept.ok()) return fail(kept.error());
  if (!requested.ok()) return fail(requested.error());
  return report.verdict.exit_code;
}

}  // namespace poolgauge::cli
