// The result of a search in sentences: why this size, how certain it is, and what limits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/advice_limits.h"
#include "app/advisor.h"

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

}  // namespace poolgauge::app
