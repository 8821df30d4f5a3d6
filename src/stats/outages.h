// Lists of outages: adjacent ones are joined.
#pragma once

#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// What lies closer together than this is one outage: answers that were on their way when the
/// server died come in after the first failure.
inline constexpr Duration kOutageGap = std::chrono::milliseconds(100);
/// A list that is full grows no more: what follows counts as part of its last outage.
inline constexpr std::size_t kMostOutages = 1000;

/// Adds what others saw, each server's by itself; both lists are in the order of their starts, and
/// so is the result.
void join_outages(std::vector<Outage>& into, const std::vector<Outage>& from);

}  // namespace poolgauge
