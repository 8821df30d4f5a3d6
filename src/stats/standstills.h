// Joining the standstills seen by several threads, or by several parts of a run.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// So many are kept of a run; what comes later is omitted.
constexpr std::size_t kMostStandstills = 100;

/// Adds them by start; those of the same that overlap become one.
void join_standstills(std::vector<Standstill>& into, const std::vector<Standstill>& from);

/// Seconds within a window of that length in which somebody of `whose` stood still; the client
/// alone, or all others.
double stood_still_s(const std::vector<Standstill>& all, bool client, Duration window);

/// Each of `whose` that is among them, once, in the order of their first.
std::vector<std::string> standing_still(const std::vector<Standstill>& all);
/// Seconds within the window in which this one of them stood still.
double standstill_s(const std::vector<Standstill>& all, const std::string& whose, Duration window);

}  // namespace poolgauge
