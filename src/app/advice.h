// The result of a search: sentences, alternatives, and the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/advice_limits.h"
#include "app/advisor.h"
#include "poolgauge/recommendation.h"
#include "poolgauge/report.h"

namespace poolgauge::app {

/// Everything an advice is put together from.
struct Making {
  const Scenario& scenario;
  const SimulatedSizes& sizes;
  const Findings& findings;
  const AdviceFrame& frame;
  const AdvisedRun* shown = nullptr;  ///< whose figures the report has
};

/// "confirmed", "likely" (every run of the size met the goals) or "not confirmed".
std::string certainty_of(const Findings& findings);
/// Whether the goals would probably be missed with the answer: no size meets them, at least half of
/// its runs missed them, or the model says so of a size without usable runs.
bool expected_to_miss(const Making& m);
/// The answer, why it is not smaller, and how many runs of how many met the goals.
std::string sentence_of(const Making& m);
/// The goal that comes nearest to being missed, as an index; nothing without goals.
std::optional<std::size_t> deciding_goal(const Making& m);
/// What keeps the goals from being met, or smaller pools from meeting them.
std::string binds_words(const Making& m, const std::optional<std::int64_t>& beyond);
/// The size that would meet the goals if limits were raised; nothing where no limit binds.
std::optional<std::int64_t> beyond_limits(const Making& m);
/// A goal's figure as the model expects it, in the goal's unit; nothing where it cannot say.
std::optional<double> expected_figure(const Making& m, std::size_t goal, std::int64_t total);

// The parts of an advice other than the size: rules of thumb, and alternatives.

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

// From what a search found to the report with its recommendation.

/// The report of the run nearest to the answer, with recommendation and verdict of the search.
/// A guard that ended the search decides over everything else, then `interrupted`.
Report advised_report(const Scenario& scenario, const Advisor& advisor, const AdviceFrame& frame,
                      bool interrupted);

}  // namespace poolgauge::app
