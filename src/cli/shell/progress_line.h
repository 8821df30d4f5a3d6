// The progress line of a run.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "cli/shell/terminal.h"
#include "poolgauge/stop.h"

namespace poolgauge::cli {

using namespace app;

using ThroughputPast = std::vector<std::optional<double>>;

/// How wide each piece of the line has been: it never becomes narrower, so that what stands behind
/// it keeps its place.
struct ProgressWidths {
  std::size_t percent = 0;
  std::array<std::size_t, 8> pieces{};
};

/// One line for a terminal, at most `width` cells: bar, percent, time left, throughput, p95, pool.
/// What does not fit is omitted from the right, the bar first made shorter. `past`: the throughput
/// of the seconds so far; a small curve of the last ones takes the room that is left. `widths`: of
/// the lines before this one, brought up to date.
std::string progress_line(const Progress& progress, const Terminal& terminal,
                          const ThroughputPast& past, ProgressWidths& widths);
/// The same for a line that follows no other.
std::string progress_line(const Progress& progress, const Terminal& terminal,
                          const ThroughputPast& past = {});

/// The same figures for a log.
std::string plain_progress(const Progress& progress);

/// Shows progress on standard error: one line redrawn in place on a terminal, a line each five
/// seconds elsewhere, or nothing.
class ProgressPrinter : public ProgressSink {
 public:
  enum class Mode { redraw, plain, none };

  /// `quiet`: nothing but troubles.
  ProgressPrinter(Mode mode, Terminal terminal, bool quiet = false)
      : mode_(mode), terminal_(terminal), quiet_(quiet) {}
  ~ProgressPrinter() override { finish(); }

  void phase(const std::string& what) override;
  void update(const Progress& progress) override;
  const std::atomic<bool>* pause_request() const override;
  bool confirm(const std::string& question, const StopFlag& stop) override;
  /// Removes the line from the terminal. Harmless when there is none.
  void finish() final;
  void note_once(const std::string& text) override;
  void trouble(const Error& error) override;

 private:
  /// One line that was asked for, whatever the mode.
  void status(const Progress& progress);
  void redraw(const std::string& line);
  void remember(const Progress& progress);

  Mode mode_;
  Terminal terminal_;
  bool quiet_ = false;
  bool drawn_ = false;
  double next_plain_s_ = 5;
  double next_past_s_ = 1;
  ThroughputPast past_;
  ProgressWidths widths_;
};

/// "auto", "plain" or "none", and --quiet.
ProgressPrinter::Mode progress_mode(const std::string& wanted, bool quiet,
                                    const Terminal& terminal);

}  // namespace poolgauge::cli
