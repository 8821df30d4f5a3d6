// The progress of a run on standard error.
#pragma once

#include <string>

#include "app/context.h"
#include "cli/shell/terminal.h"
#include "poolgauge/stop.h"
#include "report/terminal/progress_line.h"

namespace poolgauge::cli {

using namespace app;

/// Shows progress on standard error: one line redrawn in place on a terminal, a line each five
/// seconds elsewhere, or nothing.
class ProgressPrinter : public ProgressSink {
 public:
  enum class Mode { redraw, plain, none };

  /// `quiet`: nothing but troubles.
  ProgressPrinter(Mode mode, const Terminal& terminal, bool quiet = false)
      : mode_(mode), style_(style_for(terminal, false)), quiet_(quiet) {}
  ~ProgressPrinter() override { finish(); }

  void phase(const std::string& what) override;
  void update(const Progress& progress) override;
  bool wants_line(double elapsed_s) override;
  const std::atomic<bool>* pause_request() const override;
  bool confirm(const std::string& question, const StopFlag& stop) override;
  /// Removes the line from the terminal. Harmless when there is none.
  void finish() final;
  void note_once(const std::string& text) override;
  void note(const std::string& text) override;
  void trouble(const Error& error) override;

 private:
  /// One line that was asked for, whatever the mode.
  void status(const Progress& progress);
  void redraw(const std::string& line);
  void remember(const Progress& progress);

  Mode mode_;
  TerminalStyle style_;
  bool quiet_ = false;
  bool drawn_ = false;
  double next_plain_s_ = 5;
  double next_past_s_ = 1;
  double next_line_s_ = 0;
  ThroughputPast past_;
  ProgressWidths widths_;
};

/// "auto", "plain" or "none", and --quiet.
ProgressPrinter::Mode progress_mode(const std::string& wanted, bool quiet,
                                    const Terminal& terminal);

}  // namespace poolgauge::cli
