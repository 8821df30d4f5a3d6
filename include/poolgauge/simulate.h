// Running a scenario on a virtual clock against a model of the server.
#pragma once

#include <cstdint>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Deterministic: the same scenario, profile and seed give the same Measurement on every compiler.
/// `ends_early` is asked after each simulated second; empty: never.
Measurement simulate(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                     const StopFlag& stop, const EndsEarly& ends_early = {});

}  // namespace poolgauge
