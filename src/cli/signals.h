// Ctrl-C and friends become a polite request to finish.
#pragma once

#include "poolgauge/stop.h"

namespace poolgauge::cli {

/// SIGINT, SIGTERM and SIGHUP request `stop`, however often they come: the run ends with a partial
/// report and cleans up. A SIGHUP that was ignored from outside (nohup) stays ignored. SIGPIPE is
/// ignored. `stop` must outlive the program's work.
void stop_on_signals(StopFlag& stop);

}  // namespace poolgauge::cli
