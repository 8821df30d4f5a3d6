// The times of a saved run in which nothing was served.
#pragma once

#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// The stalls, standstills and outages of a report as one list: unserved() of stats/stalls.h.
std::vector<Stall> unserved(const Report& report);

}  // namespace poolgauge
