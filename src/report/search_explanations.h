// What the figures of a search, a sweep, or a comparison mean: those that single runs do not have.
#pragma once

#include <vector>

#include "report/explain.h"

namespace poolgauge {

/// Of an advice: its own figures first, then those of the run that it shows.
std::vector<Explanation> advice_explanations(const Report& report);
/// Of a sweep: its own, then those of the table's columns.
std::vector<Explanation> sweep_explanations(const Report& report);

/// Of two reports next to each other.
std::vector<Explanation> comparison_explanations(const Report& report);

}  // namespace poolgauge
