// What differs between two sides, the margins that are allowed, and the words for both.
#pragma once

#include <string>
#include <vector>

#include "gate/gate.h"
#include "poolgauge/gate.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge {

/// "+12.4 %", "−2.1 points", "+0"
std::string change_text(const GateMetric& metric, double change);
/// "+12.4 % (+8.11 % to +15.9 %)"
std::string change_with_interval(const GateMetric& metric);

/// How many pairs, or runs, a figure could not be compared in, by cause.
struct LeftOut {
  std::size_t excluded = 0;  ///< a run was unusable
  std::size_t zeros = 0;     ///< it was 0, of which there is no ratio however large the sample
  std::size_t small = 0;     ///< the run's sample is too small for it
  std::size_t all() const { return excluded + zeros + small; }
};
/// Why a figure could not be compared.
std::string too_few_words(const GateMetric& metric, const LeftOut& left_out, bool paired);
/// Why a figure passes although its relative change exceeds the margin.
std::string below_floor_words(const GateMetric& metric);
/// "10 %", "0.1 points", "10 % and 1.00 ms": how much worse it may become.
std::string margin_words(const GateMetric& metric);
/// Sets the note on the metric's verdict, unless it has one.
void add_note(GateMetric& metric);
/// Whether more than a third of the pairs (of the runs, where they are not paired) are unusable.
bool too_many_unusable(const GateQuestion& q, const GateResult& gate);
/// Headline, reasons and look_at.
void put_into_words(GateResult& gate, const GateQuestion& question);

// The differences of two reports, and their effect on a comparison.

/// Load, requests, data and pools: refused. Server version and settings, machine: doubt. Goals,
/// names, durations and what else changes no figure by itself: noted. In the order of the report.
std::vector<GateDifference> report_differences(const Report& baseline, const Report& candidate);

/// Names of the fields that can differ between a report and another one: those of its scenario, its
/// server, and its machine.
std::vector<std::string> comparable_fields(const Report& report);

/// False for a top-level key of a scenario that changes no figure by itself: names, goals,
/// durations.
bool changes_what_is_measured(const std::string& key);

/// Whether the schedule, not the answers, sets how many requests start.
bool has_open_load(const Report& report);

// The allowed change of --metric, after its `=`.

/// Reads "10%", "1ms" (throughput: "5/s"), or both, as in "10%,1ms", into the rule's margin and
/// floor. What is not given stays as it is. Fails with what was expected and an example.
Status read_margin(const std::string& text, GateRule& rule);

}  // namespace poolgauge
