// A gate: saved reports are judged, or a scenario is measured and judged. And comparisons.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/load.h"
#include "app/requests.h"
#include "gate/judged.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::app {

/// What decides, and how strictly.
struct JudgeOptions : Strictness {
  std::vector<std::string> metrics;  ///< "p95(latency)" or "p95(latency)=8%", as typed
};

/// --metric, or the usual figures for such a report; what is not asked for is only shown.
Result<std::vector<GateRule>> rules_of(const JudgeOptions& options, const Report& sample);

/// A usage error for the first name in `allowed` (--allow) that is neither one of `fields` nor a
/// group of them, with the name that it may stand for.
Status check_allowed(const std::vector<std::string>& allowed,
                     const std::vector<std::string>& fields);

// A gate: saved reports are judged, or a scenario is measured and judged. And comparisons, which
// decide nothing.

struct GateRequest {
  JudgeOptions judge;
  std::vector<std::string> baselines;  ///< files, lists, directories
  std::vector<std::string> allowed;    ///< fields that may differ
  // For a scenario:
  std::uint32_t pairs = 0, runs = 0;                             ///< 0: not given
  std::vector<std::string> baseline_set, candidate_set;          ///< KEY=VALUE
  std::optional<std::string> baseline_target, candidate_target;  ///< may hold passwords
  std::string baseline_scenario;                                 ///< empty: the same
  std::string keep_runs;                                         ///< a directory; empty: no
  bool no_extend = false;
  bool simulated = false;
  unsigned cores = 0;  ///< of the modeled server
  CostOptions costs;
};

/// The progress of one run; each run has its own.
using NewProgress = std::function<std::unique_ptr<ProgressSink>()>;

/// The gate's report, and of one that measured: when it began.
struct GateAnswer {
  Report report;
  std::time_t started = 0;
};

/// A usage error where options contradict each other; before any file is looked at.
Status check_gate(const GateRequest& request, const RunRequest& run);

/// The baseline of a candidate, with --allow checked against the fields of both.
Result<std::vector<SavedReport>> load_baseline(const GateRequest& request, const Report& candidate);

/// Judges the reports that `run.scenario` names.
Result<GateAnswer> gate_reports(const GateRequest& request, const RunRequest& run,
                                const Context& context);

/// Measures pairs of runs, or runs to compare with stored ones. Every run that can be compared
/// later is kept in `keep_runs`. A gate that a guard stopped has the report of its last run.
OrFailure<GateAnswer> gate_scenario(const GateRequest& request, const RunRequest& run,
                                    const std::string& label, const Context& context,
                                    const NewProgress& progress);

struct CompareRequest {
  std::string before, after;
  bool paired = false;
  JudgeOptions judge;
};

struct Comparison {
  Report report;
  Sides sides;
};
/// What changed between two reports, or two sets of them.
Result<Comparison> compare(const CompareRequest& request, const Context& context);

// Pairs of runs, one of each side, until they can be judged.

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
