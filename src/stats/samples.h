// Which complete requests are kept as examples, and how those of several threads are joined.
#pragma once

#include <cstddef>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// Kept at most: the longest of the completed ones, one from the middle of each of so many equal
/// parts of the window, and the longest of the failed ones.
constexpr std::size_t kSlowestSamples = 5;
constexpr std::size_t kTypicalSamples = 5;
constexpr std::size_t kFailedSamples = 3;

/// Adds another thread's. What is kept does not depend on the order of joining; the result is
/// ordered: slowest first, then typical by time, then failed, longest first.
void join_samples(std::vector<RequestSample>& into, const std::vector<RequestSample>& from);

}  // namespace poolgauge
