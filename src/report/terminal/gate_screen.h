// Renders a gate's answer for the terminal and Markdown.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "report/comparison_words.h"
#include "report/terminal/screen.h"

namespace poolgauge {

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

}  // namespace poolgauge
