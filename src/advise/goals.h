// Judging the goals of a scenario against what was measured.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

enum class GoalOutcome : std::uint8_t {
  met,
  missed,       ///< the figure is on the wrong side of the limit
  unsupported,  ///< there are too few values to say
};

struct JudgedGoal {
  GoalResult result;
  GoalOutcome outcome = GoalOutcome::met;
  /// A rate whose whole 95 % interval lies on the wrong side: missed whatever else happened.
  bool clearly_missed = false;
  /// Missed: limit and figure. Unsupported: why, and what would be enough. Empty when met.
  std::string reason;
};

/// One per goal, in the scenario's order. Quantiles are judged by their point estimate, rates as
/// fractions of the requests that ended, throughput as completed requests over the window.
std::vector<JudgedGoal> judge_goals(const Scenario& scenario, const Measurement& measured);

/// A value of a goal as people read it: "1.71 s", "0.10 %", "67.1/s". `unit` is GoalResult::unit.
std::string goal_value_text(double value, const std::string& unit);

}  // namespace poolgauge
