// Whether the load generator itself got in the way of what it measured.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// What makes the figures partly the generator's own, each with its figures: a thread without rest,
/// late starts, a late loop, threads that had to wait for a processor that other programs used.
/// Empty: nothing does. A simulated run has no generator that could be late.
std::vector<std::string> client_troubles(const Measurement& measured);
/// The same joined with semicolons.
std::string client_troubles_text(const Measurement& measured);
bool client_saturated(const Measurement& measured);

/// "310 of 10,000 requests that were due never began, ...", where more than 1 % did not; else "".
std::string arrival_shortfall(const RequestCounts& requests);

}  // namespace poolgauge
