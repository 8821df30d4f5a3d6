// Whether the load generator was saturated.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// Why the figures partly measure the generator, each with its figures: a busy thread, late starts,
/// a late loop, threads that other programs starved of CPU. Empty: they do not. A simulated run has
/// no generator that could be late.
std::vector<std::string> client_troubles(const Measurement& measured);
/// The same joined with semicolons.
std::string client_troubles_text(const Measurement& measured);
bool client_saturated(const Measurement& measured);

/// "310 of 10,000 scheduled requests never started, ...", if more than 1 % did not; else "".
std::string arrival_shortfall(const RequestCounts& requests);

}  // namespace poolgauge
