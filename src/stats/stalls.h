// Times without completions although some were expected.
#pragma once

#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// Every time without a completion that neither chance nor the load explains.
///
/// - Whole seconds at whose ends requests had or wanted a connection, after completions had been
///   seen, where at the rate until then ten or more completions were due, and either nothing like
///   it was seen before (three seconds or more, each with completions; more are due the more they
///   differ), or it lasted longer than any request had taken until then. At the start of the window
///   the warm-up says what was due; the stall must then be ten times as long as the median latency.
/// - Where the gaps between completions are known, any other gap of 100 ms or more in which ten
///   completions were due, and which is twice as long as the median latency. Gaps below a
///   second count only if together they are 5 % of the window, or at its end.
/// - In either case, where gaps are known, only what UsualGaps calls extraordinary.
/// - The whole window, if nothing was completed in it and nothing failed but by waiting too long.
///
/// So a burst in its first wait, users in lockstep, rare requests and long-tailed ones are none.
std::vector<Stall> stalls_of(const Measurement& measured);

/// The times in which nothing was served, in order, those that overlap joined: the stalls, the
/// standstills of the server or pooler, and the outages in which no second had a completion.
/// `completed`: of each second of the window; empty where it is unknown.
std::vector<Stall> unserved(const std::vector<Stall>& stalls,
                            const std::vector<Standstill>& standstills,
                            const std::vector<Outage>& outages,
                            const std::vector<std::uint64_t>& completed, Duration window);
std::vector<Stall> unserved(const Measurement& measured);

/// All together.
Duration stalled(const std::vector<Stall>& stalls);

/// Those that reach into [from, to), whole.
std::vector<Stall> within(const std::vector<Stall>& stalls, Duration from, Duration to);

/// The fraction of [from, to) at which a request that came then would have taken longer than
/// `limit`, for want of any completion: users who wait themselves do not come then, and so the
/// percentiles of a closed load do not show it. How long those would have taken that came in a
/// stall at the end of the run's window nobody knows; all of them count.
double stalled_beyond(const std::vector<Stall>& stalls, Duration limit, Duration from, Duration to);

/// Whether one of them lasted until the window ended.
bool ends_stalled(const std::vector<Stall>& stalls);

}  // namespace poolgauge
