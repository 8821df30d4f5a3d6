// HikariCP's race for a released connection: how much an answer depends on who wins it.
#pragma once

#include <cstdint>
#include <string>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// One sentence with the range of p95 latency and pool timeouts between the shares of races that
/// waiters win in the real library (`called_first`); empty where no pool is HikariCP, where its
/// share is not the default, where no request waits, or where the two ends agree within a tenth.
/// Simulates twice.
std::string race_note(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                      const Measurement& simulated, const StopFlag& stop);
/// The same without figures, for a measured run: where the range is to be had.
std::string race_pointer(const Scenario& scenario, const Measurement& measured);

}  // namespace poolgauge::app
