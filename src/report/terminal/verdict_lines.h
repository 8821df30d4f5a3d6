// The verdict at the head of a screen: what decided, and each goal.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "report/explain.h"
#include "report/terminal/screen.h"

namespace poolgauge {

/// The lines above the goals if they are not the whole verdict: "? INCONCLUSIVE  why".
void add_status(Screen& screen, const Report& report);
/// That a sweep ended before all of its points were measured, where it did.
void add_partial_curve(Screen& screen, const Report& report);
/// A goal of the report with its state and what was measured, or simulated.
void add_goal(Screen& screen, const Report& report, const GoalResult& goal, std::size_t widest);
/// All goals, their figures below each other.
void add_goals(Screen& screen, const Report& report);
/// "measured", or "simulated" where no server was involved.
const char* how_known(const Report& report);
/// What the figures mean (--explain), a line or more for each.
void add_explanations(Screen& screen, const std::vector<Explanation>& entries);
/// The sentences of a text, each with its full stop.
std::vector<std::string> sentences_of(const std::string& text);

}  // namespace poolgauge
