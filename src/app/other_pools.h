// The pools other than the one that a search sizes: what the model says about them.
#pragma once

#include <optional>
#include <vector>

#include "app/advice_limits.h"
#include "app/simulated_sizes.h"
#include "poolgauge/recommendation.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// For each further pool of a process, by Deployment::others, the smallest size with which the
/// simulator meets the goals while the searched pool has `total` connections; pools without a size
/// are omitted. `frame`: the slots where the primary's pools connect; `replica`: the standby's,
/// where it is known (else it is taken to have the primary's).
std::vector<OtherPool> other_pools(const Scenario& scenario, const SimulatedSizes& sizes,
                                   std::int64_t total, const AdviceFrame& frame,
                                   const std::optional<ReplicaFacts>& replica);

/// One of them in a sentence.
std::string other_pool_words(const OtherPool& pool);

}  // namespace poolgauge::app
