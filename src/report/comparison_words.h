// Words about a gate's or a comparison's figures, shared by all renderers.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// "median of the candidate's 5 runs": whose figure a goal is judged by; empty with a single run.
std::string gate_whose(const GateResult& gate);

/// Which of the candidate's runs the rest of the report describes; empty with a single run.
std::string gate_shown_run(const Report& report);

/// The cells of one figure: its name, both medians, the change with its interval, what is allowed,
/// and the note. Of a side that is known only from below the change is a bound, too.
std::vector<std::string> gate_cells(const GateMetric& metric);

/// Why a change is not the ratio of the two medians in its row; empty where it is.
std::string gate_change_meaning(const GateResult& gate);

/// The reasons that the list of differences does not repeat.
std::vector<std::string> gate_own_reasons(const GateResult& gate);

/// The differences, those that decide before those that do not.
std::vector<GateDifference> gate_differences_by_weight(const GateResult& gate);

/// How far to trust it: pairs or runs, the interval's confidence, what could have been seen.
std::vector<std::string> gate_trust(const Report& report);

}  // namespace poolgauge
