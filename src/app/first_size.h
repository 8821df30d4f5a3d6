// Where a search begins: the load to prepare for, the first sizes, and the other pools.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/advice_limits.h"
#include "app/simulated_sizes.h"
#include "poolgauge/recommendation.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// Requests per second of the whole load when nobody waits, by the scenario's own times (a
/// statement: 1 ms).
double rate_without_wait(const Scenario& scenario);

/// A size of one process's pool that is probably ample, from Little's law; at most `most`.
std::int64_t ample_total(const Scenario& scenario, std::int64_t most);

/// The size for one more calibration after a run of `total` that had all its connections in use all
/// the time: that run shows what this many do, and nothing about more. 0: not all were in use.
std::int64_t roomier_total(const Scenario& scenario, const Report& seen, std::int64_t total,
                           std::int64_t most);

/// `most`, or what all clients together can use.
std::int64_t useful_total(const Scenario& scenario, std::int64_t most);

// The pools other than the one that a search sizes: what the model says about them.

/// For each further pool of a process, by Deployment::others, the smallest size with which the
/// simulator meets the goals while the searched pool has `total` connections; pools without a size
/// are omitted. `frame`: the slots where the primary's pools connect; `replica`: the standby's,
/// where it is known (else it is taken to have the primary's).
std::vector<OtherPool> other_pools(const Scenario& scenario, const SimulatedSizes& sizes,
                                   std::int64_t total, const AdviceFrame& frame,
                                   const std::optional<ReplicaFacts>& replica);

/// One of them in a sentence.
std::string other_pool_words(const OtherPool& pool);

// The load a deployment is sized for: the scenario's, and some growth on top.

/// The scenario with so much more load (0.25: a quarter; users are rounded up), its resolved form
/// too. A replayed load cannot grow: nullopt if it would have to.
std::optional<Scenario> with_growth(const Scenario& scenario, double growth);

/// The growth to use: the requested one, else kDefaultHeadroomLoad, else none for loads that cannot
/// grow. The error: a requested growth of a replay.
Result<double> growth_of(const Scenario& scenario, const std::optional<double>& asked);

}  // namespace poolgauge::app
