// The statistics of a gate: did the candidate become worse than the baseline by more than its
// margin? The unit is a run, because requests of one run are not independent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/gate.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// One figure that is compared, and how much worse it may become.
struct GateRule {
  std::string name;     ///< "p95(latency)"
  Goal figure;          ///< statistic and metric; its limit says nothing
  bool gated = true;    ///< else it is only shown
  double margin = 0.1;  ///< a fraction; of rates a difference
  /// In the figure's unit: a smaller change never counts; nullopt for rates.
  std::optional<double> floor = std::nullopt;
};

/// throughput 5 %, p95(latency) 10 % and rate(error) +0.1 points decide; where the schedule sets
/// the throughput (an open load), p50(latency) 5 % instead. Three, because six pairs can just
/// support three claims at once. `steps` and `kinds` add metrics that are only shown: p50 of each
/// SQL step, and p95 of the latency of each kind of request where there are several.
std::vector<GateRule> usual_rules(const std::vector<StepSummary>& steps, bool open_load,
                                  const std::vector<RequestKind>& kinds = {});
/// The margin of a figure where none was given: 5 % for throughput, mean and p50, 10 % up to p95,
/// 15 % for p99, 25 % beyond; 0.1 points for a rate.
double usual_margin(const Goal& figure);

/// One run as the gate sees it.
struct GateRun {
  std::string source;
  std::string unusable;                       ///< why the run is excluded; empty: it is used
  std::vector<std::optional<double>> values;  ///< by the rules
  /// By rule: whether the value is only a lower bound because of requests in flight; empty: none
  /// is.
  std::vector<bool> bounds;
  bool is_bound(std::size_t rule) const { return rule < bounds.size() && bounds[rule]; }
};
/// Why a run is not representative of the deployment (the load generator was saturated, ...) and
/// must be excluded; empty: it can be used.
std::string unusable_run(const Report& report);
/// Reads the rules' figures off a report.
GateRun gate_run(const Report& report, const std::string& source,
                 const std::vector<GateRule>& rules);

struct GateQuestion {
  std::vector<GateRule> rules;
  std::vector<GateRun> baseline, candidate;
  bool paired = false;  ///< the i-th runs belong together; as many on both sides
  double alpha = 0.05;  ///< of a false alarm, over all gated figures together
  /// Run-to-run standard deviation (a fraction) to assume where the runs are too few to show it.
  std::optional<double> assumed_noise;
  std::string baseline_name, candidate_name;
  std::vector<GateDifference> differences;
};

/// Verdict, headline and figures; exit_code is that of the comparison alone.
///
/// With m = ln(1 + margin), [L, U] the interval of the log ratio "how much worse" and h its
/// estimate: U < m passes; L > m, or L > 0 with h >= m, is a regression if Holm's procedure over
/// the gated figures agrees; all else is inconclusive. With a floor the same is asked of the
/// differences: either passes, and a regression needs both. Pairs: Hodges and Lehmann's estimate
/// with the signed ranks' exact interval. Without: Mann and Whitney's where they can reach
/// 1 - alpha, else Student's t, else the assumed noise.
GateResult judge_gate(const GateQuestion& question);

/// The fewest pairs with which `gated` figures can be called worse at all.
std::size_t fewest_pairs(std::size_t gated, double alpha);

/// Of a verdict alone, without the goals.
int exit_code_of(GateVerdict verdict);
/// The gate's and the goals' verdicts together: invalid 2, regression 11, a goal missed 10,
/// inconclusive 12, pass 0; --strict makes inconclusive a regression's 11, --advisory all 0.
int gate_exit_code(const GateResult& gate, const Verdict& goals);

}  // namespace poolgauge
