// Seconds without a completion, put into words.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// "no request completed from 1.0 s to 8.0 s (the end)"; of several the first three, and how many
/// more; empty without any. `window`: its length.
std::string stalls_text(const std::vector<Stall>& stalls, Duration window);

/// Where nothing was completed for half of the window or more: why its figures say little of the
/// deployment. Else empty.
std::string mostly_stalled(const std::vector<Stall>& stalls, Duration window);

}  // namespace poolgauge
