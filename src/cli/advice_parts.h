// What an advice says beside its size: what others would do here, and what would help more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/advisor.h"
#include "poolgauge/recommendation.h"

namespace poolgauge::cli {

/// Changes worth more than a bigger pool, each simulated with its own smallest size.
std::vector<Alternative> simulated_alternatives(const Scenario& scenario,
                                                const SimulatedSizes& sizes, std::int64_t total,
                                                std::int64_t most);

/// "One connection fewer: p95 +11 ms." and the same for one more, with what it costs.
/// Measured where the search ran that size, else simulated and corrected as the answer's own run
/// was.
std::vector<std::string> neighbour_words(const Scenario& scenario, const SimulatedSizes& sizes,
                                         const Findings& findings);

/// What speaks against the model, or against more connections: queueing theory that expects another
/// wait, throughput that falls with twice the size.
std::vector<std::string> model_words(const Scenario& scenario, const SimulatedSizes& sizes,
                                     const SettingsEvidence& seen, std::int64_t total);

/// Published rules for this deployment, with what the model expects of each.
std::vector<FormulaAnswer> judged_rules(const Scenario& scenario, const SimulatedSizes& sizes,
                                        const SettingsEvidence& seen, const ServerSlots& slots);

/// The smallest default_pool_size of the scenario's pooler that meets the goals, in the model; the
/// others follow from it. Nothing without a pooler.
std::optional<PoolerSizes> pooler_sizes(const Scenario& scenario, const SimulatedSizes& sizes,
                                        const Recommendation& r, const ServerSlots& slots);

/// The id of the snippet for a kind of pool.
std::string snippet_of(const std::string& kind);

}  // namespace poolgauge::cli
