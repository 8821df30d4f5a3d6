// The progress of a run as a line of text.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/stop.h"
#include "poolgauge/terminal_style.h"

namespace poolgauge {

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
std::string progress_line(const Progress& progress, const TerminalStyle& terminal,
                          const ThroughputPast& past, ProgressWidths& widths);
/// The same for a line that follows no other.
std::string progress_line(const Progress& progress, const TerminalStyle& terminal,
                          const ThroughputPast& past = {});

/// The same figures for a log.
std::string plain_progress(const Progress& progress);

}  // namespace poolgauge
