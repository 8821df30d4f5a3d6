// A gate's answer as people read it.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// The words above everything: "REGRESSION", "NO REGRESSION", "INCONCLUSIVE", "NOT COMPARABLE".
std::string gate_title(const GateResult& gate);

/// The cells of one figure: its name, both medians, the change with its interval, what is allowed,
/// and the note.
std::vector<std::string> gate_cells(const GateMetric& metric);

/// How far to trust it: pairs or runs, the interval's confidence, what could have been seen.
std::vector<std::string> gate_trust(const GateResult& gate);

/// "compared", "noted", "raises doubt", "not comparable".
std::string gate_effect(GateDifference::Effect effect);

/// Section for to_markdown; a report without a gate gives nothing.
std::string gate_markdown(const Report& report);

}  // namespace poolgauge
