// Goals and metrics read off a saved report, which has summaries instead of histograms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "assess/goal_figures.h"
#include "assess/goals.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// The figure that the goal speaks of, in the goal's unit, or why the report does not have it.
GoalValue saved_value(const Report& report, const Goal& goal);

/// A goal that the report has judged, with the reason if it was not judged.
JudgedGoal judged_in(const Report& report, const GoalResult& result);

/// The goal's verdict by what the report has. One that the report itself has judged is taken from
/// there.
JudgedGoal judge_saved(const Report& report, const Goal& goal);

}  // namespace poolgauge
