// The table of where the time of a request went.
#pragma once

#include "poolgauge/report.h"
#include "report/terminal/screen.h"

namespace poolgauge {

/// Percentiles of the latency and of its parts with their shares. Bars where there is room and
/// Unicode; below 62 columns each part takes two lines.
void add_time_table(Screen& screen, const Report& report, Tone tone);

}  // namespace poolgauge
