// Running a scenario on a virtual clock against a model of the server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// What a simulated run keeps: everything a live one does, or the counts and the distributions of
/// latency, response, pool wait and hold time over the whole window. That costs less.
enum class Keep : std::uint8_t { everything, figures };

/// The sql steps, as "request.step", whose cost neither the scenario nor the profile knows: the
/// simulator assumes one. What begins or ends a transaction is known, and a bare SELECT
/// pg_sleep(x).
std::vector<std::string> steps_without_cost(const Scenario& scenario, const ServerProfile& profile);

/// Deterministic: the same scenario, profile and seed give the same Measurement on every compiler.
/// `ends_early` is called after each simulated second; empty: never.
Measurement simulate(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                     const StopFlag& stop, const EndsEarly& ends_early = {},
                     Keep keep = Keep::everything);

}  // namespace poolgauge
