// Distributions as a few dozen percentiles, denser towards the slow end.
#pragma once

#include "poolgauge/report.h"

namespace poolgauge {

/// Four for each halving of what is left to 100 %, as far as there is a value beyond. `ages`: of
/// what had not ended; what they keep unknown is omitted.
Percentiles percentiles_of(const Histogram& histogram, const Histogram& ages);

}  // namespace poolgauge
