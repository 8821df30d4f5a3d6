// The load a deployment is sized for: the scenario's, and some growth on top.
#pragma once

#include <optional>

#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// The scenario with so much more load (0.25: a quarter; users are rounded up), its resolved form
/// too. A replayed load cannot grow: nullopt if it would have to.
std::optional<Scenario> with_growth(const Scenario& scenario, double growth);

/// The growth to use: the requested one, else kDefaultHeadroomLoad, else none for loads that cannot
/// grow. The error: a requested growth of a replay.
Result<double> growth_of(const Scenario& scenario, const std::optional<double>& asked);

}  // namespace poolgauge::app
