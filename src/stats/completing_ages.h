// Which requests in flight will complete: those that will fail have no latency.
#pragma once

#include "poolgauge/measurement.h"

namespace poolgauge {

/// The ages without those that are to be expected of values that end in failure: of what ended
/// after at least as long, the share that `failed`, never more of them than did. Ages beyond
/// everything that ended all stay, and count as completed ones do. Exactly `ages` without failures.
Histogram completing_ages(const Histogram& ended, const Histogram& failed, const Histogram& ages);

/// The ages that belong to the measurement's latency, its response times, its pool waits, and the
/// latency of its `request`-th kind of request where there are several. Computed on each call.
Histogram latency_ages(const Measurement& measured);
Histogram response_ages(const Measurement& measured);
Histogram pool_wait_ages(const Measurement& measured);
Histogram request_ages(const Measurement& measured, std::size_t request);

}  // namespace poolgauge
