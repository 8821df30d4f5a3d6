// What the terminal can show.
#pragma once

#include "poolgauge/report.h"

namespace poolgauge::cli {

/// One output stream as seen from its file descriptor and the environment.
struct Terminal {
  bool interactive = false;  ///< a terminal that can move its cursor
  bool color = false;
  bool unicode = false;
  unsigned width = 80;
  unsigned height = 0;  ///< lines; 0: nothing scrolls away here
};

/// `descriptor`: 1 or 2. Color needs a terminal, no NO_COLOR and no --no-color; Unicode needs a
/// locale that has it (or none that says otherwise), also where the output goes to a file or pipe.
Terminal inspect_terminal(int descriptor, bool no_color);

TerminalStyle style_for(const Terminal& terminal, bool explain);

}  // namespace poolgauge::cli
