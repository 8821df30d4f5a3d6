// Which requests in flight will be completed: those that will fail are no latencies.
#pragma once

#include "poolgauge/measurement.h"

namespace poolgauge {

/// The ages without those that are to be expected of values that end in failure: of what ended
/// after at least as long, the share that `failed`, never more of them than did. Ages beyond
/// everything that ended all stay, and count as completed ones do. Exactly `ages` without failures.
Histogram completing_ages(const Histogram& ended, const Histogram& failed, const Histogram& ages);

/// The same for each list of the measurement that has failed times; the others as they are.
InFlightAges completing_ages(const Measurement& measured);

}  // namespace poolgauge
