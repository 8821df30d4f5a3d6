// Running a scenario on a virtual clock against a model of the server.
#pragma once

#include <cstdint>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Deterministic: the same scenario, profile and seed give the same Measurement on every compiler.
Measurement simulate(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                     const StopFlag& stop);

}  // namespace poolgauge
