// Ctrl-C and friends become a polite request to finish.
#pragma once

#include <atomic>

#include "poolgauge/stop.h"

namespace poolgauge::cli {

/// SIGINT, SIGTERM and SIGHUP request `stop`, each time they come: the first ends the load, the
/// second the teardown, the third what waits are left, and three seconds later the program,
/// whatever it waits for; what was measured is reported. A SIGHUP that was ignored from outside
/// (nohup) stays ignored. SIGPIPE is ignored. `stop` must outlive the program's work.
void stop_on_signals(StopFlag& stop);

/// SIGUSR1 asks for a line of status: true once for each time since it was last asked here.
bool take_status_request();
/// SIGUSR2 pauses a run, and resumes it the next time.
const std::atomic<bool>& pause_request();

}  // namespace poolgauge::cli
