// Pairs of runs, one of each side, until they can be judged.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/context.h"
#include "gate/judged.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::app {

struct PairsRequest {
  std::uint32_t pairs = 6;
  bool extend = true;  ///< twice as many where the first ones cannot decide
  std::string baseline_name, candidate_name;
  Strictness strictness;
};

/// Makes run `number` of a side and appends it to `to`. `pair`: "pair 1 of 6", for the user.
using RunOfPair = std::function<Status(std::vector<SavedReport>& to, bool of_baseline,
                                       std::uint32_t number, const std::string& pair)>;
/// What is judged, given a run of the candidate.
using RulesOfGate = std::function<Result<std::vector<GateRule>>(const Report& sample)>;

/// The gate's report. An error: that of the first run that failed, or of the rules.
Result<Report> gate_pairs(const PairsRequest& request, const Context& context, const RunOfPair& run,
                          const RulesOfGate& rules);

}  // namespace poolgauge::app
