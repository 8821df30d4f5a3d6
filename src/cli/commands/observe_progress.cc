// A terminal's line is redrawn often; other places get one now and then.
#include "cli/commands/observe_progress.h"

#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "files/outputs.h"

namespace poolgauge::cli {

ObserveProgress::ObserveProgress(const ObserveOptions& options)
    : terminal_(inspect_terminal(2, options.output.no_color)),
      mode_(progress_mode(options.output.progress, options.output.quiet, terminal_)),
      printer_(mode_, terminal_),
      for_s_(options.for_s()) {}

bool ObserveProgress::is_due(double elapsed_s) {
  if (mode_ == ProgressPrinter::Mode::none || elapsed_s < next_s_) return false;
  next_s_ = elapsed_s + (mode_ == ProgressPrinter::Mode::redraw ? 0.2 : 5.0);
  return true;
}

void ObserveProgress::show(double elapsed_s, const std::string& seen) {
  printer_.phase(fmt::format("observing, {} of {}: {}", seconds_text(std::floor(elapsed_s)),
                             seconds_text(for_s_), seen));
}

}  // namespace poolgauge::cli
