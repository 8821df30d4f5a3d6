// Seconds in which nothing was completed although something should have been.
#pragma once

#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// Every run of whole seconds without a completion at whose ends requests had or wanted a
/// connection, after completions had been seen, and where chance does not explain it: at the
/// rate until then, ten or more completions were due, and either nothing like it was seen before
/// (three seconds or more, each with completions; more are due the more they differ), or it lasted
/// longer than any request had taken until then. At the start of the window the warm-up says what
/// was due; the stall must then be ten times as long as the median latency. So a burst in its first
/// wait, users in lockstep and rare requests are none.
std::vector<Stall> stalls_of(const Measurement& measured);

/// The times in which nothing was served, in order, those that overlap joined: the stalls, the
/// standstills of the server or pooler, and the outages in which no second had a completion.
/// `completed`: of each second of the window; empty where it is not known.
std::vector<Stall> unserved(const std::vector<Stall>& stalls,
                            const std::vector<Standstill>& standstills,
                            const std::vector<Outage>& outages,
                            const std::vector<std::uint64_t>& completed, Duration window);
std::vector<Stall> unserved(const Measurement& measured);

/// All together.
Duration stalled(const std::vector<Stall>& stalls);

/// The fraction of the window at which a request that came then would have taken longer than
/// `limit`, for want of any completion: users who wait themselves do not come then, and so the
/// percentiles of a closed load do not show it.
double stalled_beyond(const std::vector<Stall>& stalls, Duration limit, Duration window);

}  // namespace poolgauge
