// From judged goals and the circumstances of a run to one status and exit code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assess/goals.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"

namespace poolgauge {

/// What decides in addition to the goals.
struct Circumstances {
  std::string guard_reason;  ///< not empty: a safety guard stopped the run
  bool interrupted = false;
  bool target_died = false;
  std::string last_words;  ///< of the target that died: the end of its log, where it is known
  bool saturated = false;
  std::string saturation;     ///< with figures: "its busiest thread was 99 % busy"
  bool threads_help = false;  ///< more_threads_help()
  std::uint32_t parts = 0;    ///< parts_needed()
  std::string shortfall;  ///< not empty: fewer requests started than were scheduled, with figures
  std::string stalls;     ///< stalls_text: shown with a missed goal
  std::string mostly_stalled;         ///< not empty: nothing was completed for most of the window
  std::vector<std::string> unjudged;  ///< unjudged(): problems that no goal covers
  std::uint64_t completed = 0;
  std::uint64_t ended = 0;
  Duration window{0};
};

/// The first that applies decides: guard 13, interrupted 130, target died, client saturated or
/// the arrival rate not reached 12, a goal missed 10, nothing completed, failures or a growing
/// queue without a goal on them, a goal without enough values or nothing completed for most of the
/// window 12, pass 0. A missed goal decides over one that cannot be judged, because no longer run
/// could make all of them met; with nothing completed only a clearly missed goal counts as missed.
Verdict decide(const std::vector<JudgedGoal>& goals, const Circumstances& circumstances);

/// "pass", "slo_missed", ... as in JSON. Interrupted has no name of its own: what was measured
/// until then decides nothing.
const char* status_name(VerdictStatus status);

}  // namespace poolgauge
