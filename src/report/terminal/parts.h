// The parts of a screen.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "poolgauge/sizing.h"
#include "report/sentences.h"
#include "report/terminal/screen.h"

namespace poolgauge {

/// The whole screen after `advise`.
std::string advice_terminal(const Report& report, const TerminalStyle& style);
/// The part above the last run's report: the answer, its reason, runs, alternatives, and snippets.
std::string advice_markdown(const Report& report);

// The verdict and its reason in one line or a few.

/// Verdict and reason in one line without its end, whatever the command was: "goal missed:
/// p95(latency) < 1s: measured 1.71 s, 71 % over the limit; bottleneck: pool".
std::string verdict_line(const Report& report);

/// Verdict and cause in a few lines, to stand below an answer that is longer than the screen, where
/// they would be the first to scroll away.
std::string closing_block(const Report& report, const TerminalStyle& style);

// A sweep for people: the curve as plots and as a table.

/// The whole screen after a sweep.
std::string sweep_terminal(const Report& report, const TerminalStyle& style);
/// Its Markdown: first line, plot and table.
std::string sweep_markdown(const Report& report);

// Renders a gate's answer for the terminal and Markdown.

/// The words above everything: "REGRESSION", "NO REGRESSION", "INCONCLUSIVE", "NOT COMPARABLE".
std::string gate_title(const GateResult& gate);

/// Verdict, headline and reasons; the goals follow from `add_gate_goals`.
void add_gate_verdict(Screen& screen, const GateResult& gate);
/// The candidate's goals; of several runs those of the median one, with a note. `missed_only`: no
/// others.
void add_gate_goals(Screen& screen, const Report& report, bool missed_only);
/// What differs between the two sides, beneath `label`, at most `most` fields.
void add_gate_differences(Screen& screen, const GateResult& gate, std::size_t most);

/// Whether a comparison has only one run on each side, so that it cannot detect a change.
bool is_one_beside_one(const GateResult& gate);

/// The figures of a comparison of one run with one, as a sentence; empty for every other report.
std::string one_beside_one(const Report& report);

/// "intended", "noted", "may explain the change", "not comparable".
std::string gate_effect(GateDifference::Effect effect);

/// Section for to_markdown; a report without a gate gives nothing.
std::string gate_markdown(const Report& report);

// The details of a sizing, below its first screen.

/// The rules of thumb: a line for each; with `whole` each with source, assumptions and limits, and
/// the alerts, timeouts and memory.
std::string size_details(const Sizing& sizing, const TerminalStyle& style, bool whole);

/// A configuration to paste, below its title.
void add_snippet(Screen& screen, const Snippet& snippet);

// The table of where the time of a request went.

/// Percentiles of the latency and of its parts with their shares. Bars where there is room and
/// Unicode; below 62 columns each part takes two lines.
void add_time_table(Screen& screen, const Report& report, Tone tone);

// The verdict at the head of a screen: what decided, and each goal.

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
