// The parts of an advice other than the size: rules of thumb, and alternatives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/advice_sentences.h"
#include "poolgauge/recommendation.h"

namespace poolgauge::app {

/// Changes worth more than a bigger pool, each simulated with its own smallest size.
/// A hold that is the bulk of the time a connection is checked out is to be ended first.
std::vector<Alternative> simulated_alternatives(const Making& m, std::int64_t total);

/// "With one connection fewer, p95(latency) was 11 ms higher (measured)." and the same for one
/// more: the figure of the goal that decides. Measured where the search ran that size, else
/// simulated and corrected as the answer's own run was.
std::vector<std::string> neighbour_words(const Making& m);

/// Doubts about the model, or about more connections: queueing theory predicts another wait, or
/// throughput falls at twice the size.
std::vector<std::string> model_words(const Scenario& scenario, const SimulatedSizes& sizes,
                                     const SettingsEvidence& seen, std::int64_t total);

/// Rules of thumb for this deployment, with the model's prediction for each. Without slots, none
/// that depends on max_connections, and no statement about what fits.
std::vector<FormulaAnswer> judged_rules(const Scenario& scenario, const SimulatedSizes& sizes,
                                        const SettingsEvidence& seen,
                                        const std::optional<ServerSlots>& slots, double headroom);

/// A pooler's settings, none of them lower than it is.
struct PoolerAdvice {
  PoolerSizes recommended;
  std::int64_t needed = 0;   ///< of default_pool_size: the smallest that meets the goals, simulated
  std::int64_t servers = 0;  ///< connections to the server, at worst
  std::string why;
};
/// Nothing without a pooler.
std::optional<PoolerAdvice> pooler_sizes(const Scenario& scenario, const SimulatedSizes& sizes,
                                         const Recommendation& r, const AdviceFrame& frame);

/// The id of the snippet for a kind of pool.
std::string snippet_of(const std::string& kind);

}  // namespace poolgauge::app
