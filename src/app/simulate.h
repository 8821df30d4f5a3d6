// Runs on the virtual clock, as reports, and the servers that they run against.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "advise/prediction.h"
#include "app/context.h"
#include "app/model.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"
#include "poolgauge/stop.h"

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

// The server of a measured run, fitted until its simulation shows the run's own hold times.

/// The question and the measured run that is to answer it.
struct CalibratedQuestion {
  const Report& measured;
  const Scenario& unchanged;  ///< the measured run's own
  const Scenario& asked;      ///< the same requests; anything else may differ
  ServerFit fit;              ///< of the measured run
};

/// What each exchange takes beyond what its session saw: the application's loop and the load
/// generator's own. Found by simulating the measured run; zero where it has no sample.
Duration unseen_per_exchange(const CalibratedQuestion& question, const StopFlag& stop);

/// The server that plays `asked`.
ServerProfile calibrated_profile(const CalibratedQuestion& question, Duration unseen,
                                 const Deviation& deviation = {});

// HikariCP's race for a released connection: how much an answer depends on who wins it.

/// One sentence with the range of p95 latency and pool timeouts between the shares of races that
/// waiters win in the real library (`called_first`); empty where no pool is HikariCP, where its
/// share is not the default, where no request waits, or where the two ends agree within a tenth.
/// Simulates twice.
std::string race_note(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                      const Measurement& simulated, const StopFlag& stop);
/// The same without figures, for a measured run: where the range is to be had.
std::string race_pointer(const Scenario& scenario, const Measurement& measured);

// The server behind a pooler, as a run through the pooler shows it.

/// Corrects a profile made from the report's step times: takes the wait for a server out of them,
/// and the share of their time in which the server's statistics show no backend running. Nothing to
/// do for a report without a pooler.
void fit_profile_to_pooler(ServerProfile& profile, const Report& report, const Scenario& scenario);

}  // namespace poolgauge::app
