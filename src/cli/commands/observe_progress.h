// The line that `observe` shows while it watches.
#pragma once

#include <string>

#include "cli/args/observe_options.h"
#include "cli/shell/progress_printer.h"
#include "cli/shell/terminal.h"

namespace poolgauge::cli {

/// On standard error: how far it is, and what is in use.
class ObserveProgress {
 public:
  explicit ObserveProgress(const ObserveOptions& options);
  /// Whether a line is to be shown now; then none is for a while.
  bool is_due(double elapsed_s);
  /// `seen`: "3 of 10 sessions in use".
  void show(double elapsed_s, const std::string& seen);
  void finish() { printer_.finish(); }

 private:
  Terminal terminal_;
  ProgressPrinter::Mode mode_;
  ProgressPrinter printer_;
  double for_s_, next_s_ = 0;
};

}  // namespace poolgauge::cli
