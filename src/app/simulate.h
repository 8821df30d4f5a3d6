// Runs on the virtual clock, as reports.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "app/context.h"
#include "app/model.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"

namespace poolgauge::app {

/// A run of the scenario against the modeled server. The error: its pools do not fit, as a run
/// says it. `started`: for the heading.
Result<Report> simulate_scenario(const Scenario& scenario, const Model& model, std::uint64_t seed,
                                 const std::string& label, const Context& context,
                                 std::time_t started);

/// What a simulated run is called in its report.
RunFacts simulation_facts(std::uint64_t seed, const std::string& label, const Context& context,
                          std::time_t started);
/// Adds what a race between threads would change, where the pool has one.
void add_race(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
              Measurement& simulated, const StopFlag& stop);
Report simulation_report(const Scenario& scenario, const Measurement& simulated,
                         const ServerProfile& profile, RunFacts facts);

}  // namespace poolgauge::app
