// The end of a command: report files, what is shown, exit status.
#pragma once

#include <ctime>
#include <functional>
#include <optional>
#include <string>

#include "cli/args/options.h"
#include "cli/shell/progress_printer.h"
#include "cli/shell/terminal.h"
#include "files/outputs.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

/// The files of a command that has measured and must still tidy up, which may fail or never end.
class EarlyReport {
 public:
  /// `output` outlives it.
  EarlyReport(const OutputOptions& output, std::time_t started)
      : output_(output), started_(started) {}
  /// Whole files, with a note that they are early; trouble with them is left to finish(), which
  /// replaces them. Standard output, pipes and devices have to wait for it.
  void write(Report report);
  const std::optional<KeptReport>& kept() const { return kept_; }

 private:
  const OutputOptions& output_;
  std::time_t started_;
  std::optional<KeptReport> kept_;
};

/// The progress that the options ask for, on standard error.
ProgressPrinter progress_printer(const OutputOptions& output);

/// What a command that measures begins with: a line of progress, the time, the early report.
struct Measuring {
  /// `output` outlives it.
  Measuring(const OutputOptions& output, const Context& context)
      : progress(progress_printer(output)), started(context.wall_clock()), early(output, started) {}
  std::function<void(const Report&)> early_sink() {
    return [this](const Report& report) { early.write(report); };
  }
  ProgressPrinter progress;
  std::time_t started;
  EarlyReport early;
};

/// One line on standard error, where --pool-size and its like set options of other names.
void say_flags(const Scenario& scenario, bool quiet);

/// Keeps the report, writes what --json and the like ask for, prints the summary and returns the
/// verdict's exit status, or that of a failed write. `early`: what was kept already is replaced.
int finish(const Report& measured, const OutputOptions& output, std::time_t started,
           const EarlyReport* early = nullptr);

// An answer where people look at it: the whole, or its one line for --quiet.

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
