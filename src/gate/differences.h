// The differences of two reports, and their effect on a comparison.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/gate.h"
#include "poolgauge/report.h"

namespace poolgauge {

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

}  // namespace poolgauge
