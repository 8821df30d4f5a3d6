// The cheapest questions to a server: one connect, one round trip, one count.
#pragma once

#include <string>

#include "doctor/health.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Connects and measures one empty query; with an application's name also counts its sessions. A
/// server that cannot be reached is part of the facts; the error is a stop request.
Result<doctor::HealthFacts> look_at_health(const std::string& conninfo,
                                           const std::string& application, const StopFlag& stop);

}  // namespace poolgauge
