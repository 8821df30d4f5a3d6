// Judging the goals of a scenario against what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "assess/goal_figures.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

enum class GoalOutcome : std::uint8_t {
  met,
  missed,       ///< the figure is on the wrong side of the limit
  unsupported,  ///< there are too few values to say, or requests in flight keep it open
};

struct JudgedGoal {
  GoalResult result;
  GoalOutcome outcome = GoalOutcome::met;
  /// A rate whose whole 95 % interval is beyond the limit, or a time that requests in flight alone
  /// put over it: missed whatever else happened.
  bool clearly_missed = false;
  /// Missed with the whole confidence interval.
  bool beyond_doubt = false;
  /// Missed: limit and figure. Unsupported: why, and what would be enough. Empty when met.
  std::string reason;
};

/// Why a simulation cannot judge a goal, in a few words; empty: the sample is too small.
std::string open_label(const GoalResult& goal);

/// One per goal, in the scenario's order. Quantiles are judged by their point estimate, in which
/// requests in flight count with their age as a lower bound; where they keep it out of reach, by
/// that bound, or not at all. Rates are fractions of the requests that ended, throughput completed
/// requests over the window. A goal over sliding windows is judged by the worst of them.
std::vector<JudgedGoal> judge_goals(const Scenario& scenario, const Measurement& measured);

/// The first goal with abort_on_fail, past its grace time, that is missed with its whole interval.
std::optional<std::string> goal_that_ends_the_run(const Scenario& scenario,
                                                  const Measurement& so_far);
/// The same as a question for the run; empty where no goal may end it.
EndsEarly ends_early_by(const Scenario& scenario);
/// Marks the goal with this text as the one that ended the run.
void mark_ended(std::vector<JudgedGoal>& goals, const std::string& text, Duration after);

/// Judges a figure that is already known.
JudgedGoal judge_value(const Goal& goal, const GoalValue& found);
/// The judgment of a goal in a saved report.
JudgedGoal judged_before(const GoalResult& result);

/// A value of a goal as people read it: "1.71 s", "0.10 %", "67.1/s". `unit` is GoalResult::unit.
std::string goal_value_text(double value, const std::string& unit);

}  // namespace poolgauge
