// From judged goals and the circumstances of a run to one status and exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "assess/goal_figures.h"
#include "assess/goals.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"
#include "stats/over_time.h"

namespace poolgauge {

/// What decides in addition to the goals.
struct Circumstances {
  std::string guard_reason;  ///< not empty: a safety guard stopped the run
  bool interrupted = false;
  bool target_died = false;
  std::string last_words;  ///< of the target that died: the end of its log, where it is known
  bool saturated = false;
  std::string saturation;     ///< with figures: "its busiest thread was 99 % busy"
  bool threads_help = false;  ///< more_threads_help()
  std::uint32_t parts = 0;    ///< parts_needed()
  std::string shortfall;  ///< not empty: fewer requests started than were scheduled, with figures
  std::string stalls;     ///< stalls_text: shown with a missed goal
  std::string mostly_stalled;         ///< not empty: nothing was completed for most of the window
  std::vector<std::string> unjudged;  ///< unjudged(): problems that no goal covers
  std::uint64_t completed = 0;
  std::uint64_t ended = 0;
  Duration window{0};
};

/// The first that applies decides: guard 13, interrupted 130, target died, client saturated or
/// the arrival rate not reached 12, a goal missed 10, nothing completed, failures or a growing
/// queue without a goal on them, a goal without enough values or nothing completed for most of the
/// window 12, pass 0. A missed goal decides over one that cannot be judged, because no longer run
/// could make all of them met; with nothing completed only a clearly missed goal counts as missed.
Verdict decide(const std::vector<JudgedGoal>& goals, const Circumstances& circumstances);

/// "pass", "slo_missed", ... as in JSON. Interrupted has no name of its own: what was measured
/// until then decides nothing.
const char* status_name(VerdictStatus status);

// Whether the load generator was saturated.

/// Why the figures partly measure the generator, each with its figures: a busy thread, late starts,
/// a late loop, threads that other programs starved of CPU. Empty: they do not. A simulated run has
/// no generator that could be late.
std::vector<std::string> client_troubles(const Measurement& measured);
/// The same joined with semicolons.
std::string client_troubles_text(const Measurement& measured);
bool client_saturated(const Measurement& measured);

/// The part of what ran on the machine that was other programs' work, 0 to 1; 0 where it was not
/// seen. Only that part of a thread's wait for a CPU is starvation: waiting for the database on the
/// same machine is the deployment's own matter.
double other_programs_share(const MachineView& machine);

/// Whether more --threads can help: a thread is busy, and a CPU is idle (or nobody can tell).
bool more_threads_help(const Measurement& measured);
/// The instruction against a saturated load generator.
std::string client_cure(bool threads_help);
/// Over how many machines like this one the run would have to be spread for each to have CPU time
/// left; at most one for each process of the fleet. 0: CPU time was not what was short, or the run
/// cannot be cut.
std::uint32_t parts_needed(const Measurement& measured, std::uint32_t fleet);
/// What --part does about it; empty for fewer than two parts. It begins with a comma.
std::string parts_cure(std::uint32_t parts);

/// "310 of 10,000 scheduled requests never started, ...", if more than 1 % did not; else "".
std::string arrival_shortfall(const RequestCounts& requests);

// Problems of a run that none of its goals covers: such a run never passes.

/// One sentence for each of the following that goes beyond kTolerated (1 %) with no goal on it,
/// with the goal that would accept it; empty: there is none.
/// - Failures of the requests that ended. A goal rate(CLASS), or rate(error), is on those of its
///   class, `for request NAME` on those of that kind only.
/// - Requests that never end: in flight, older than every completed one, and the oldest twice as
///   old as the slowest. A goal on the latency or response time is on them.
/// - Under an arrival rate, a queue that only grew: queue_growth(). A goal on the throughput is on
///   it.
std::vector<std::string> unjudged(const Report& report, const std::vector<Goal>& goals,
                                  bool open_load);

/// How far failures and a growing queue without a goal are beyond what is tolerated, for a search:
/// ln(share / kTolerated), below zero where they are within it. One number for each of the two that
/// the goals leave open, whatever was measured; `runs` as in goal_scores().
std::vector<double> unjudged_scores(const Scenario& scenario, const Measurement& measured,
                                    double runs);

// Goals and metrics read off a saved report, which has summaries instead of histograms.

/// The figure that the goal speaks of, in the goal's unit, or why the report does not have it.
GoalValue saved_value(const Report& report, const Goal& goal);

/// A goal that the report has judged, with the reason if it was not judged.
JudgedGoal judged_in(const Report& report, const GoalResult& result);

/// The goal's verdict by what the report has. One that the report itself has judged is taken from
/// there.
JudgedGoal judge_saved(const Report& report, const Goal& goal);

// How far a figure is from its limit, as one number.

/// A score is ln(value / limit), so that a negative one is met, within [-3, 3].
inline constexpr double kFarScore = 3;

// Requests in flight at the end of the window: from a measurement into a report, and back.

/// So many of the longest gaps between completions are kept in a report.
constexpr std::size_t kSavedGaps = 200;

/// Summaries and histograms of their ages, and the gaps between completions.
void add_in_flight(Report& report, const Scenario& scenario, const Measurement& measured);

/// The ages back from the report's histograms, for steps and requests in the report's order.
Status put_ages(Measurement& measured, const Report& report);

// The last step of a report: its verdict and its diagnosis.

/// Decides on a report whose figures are all there. A part of a run gets a verdict on its own
/// measurement (stopped, interrupted, saturated) but no goals and no diagnosis: those are about the
/// whole run.
void judge(Report& report, const Scenario& scenario, const Measurement& measured,
           const RunFacts& facts);

}  // namespace poolgauge
