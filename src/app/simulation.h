// `simulate`: a scenario, or a report with other settings, on a virtual clock.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "advise/prediction.h"
#include "app/context.h"
#include "app/load.h"
#include "app/requests.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"

namespace poolgauge::app {

struct SimulateRequest {
  std::string file;  ///< a scenario or a report
  FlagValues flags;
  std::uint64_t seed = 1;
  bool seed_given = false;                  ///< else a report's own is taken
  std::vector<std::string> release_during;  ///< hold steps that become pauses
  unsigned cores = 0;                       ///< of the modeled server; 0: the model's default
  CostOptions costs;
  std::optional<std::string> target;  ///< where --calibrate measures; else a mistake
  bool embedded = false;
  SafetyOptions safety;  ///< of that target
};

/// What is simulated, and against what server.
struct SimulationPlan {
  Scenario scenario;
  ServerProfile profile;
  std::uint64_t seed = 1;
  std::optional<Report> measured;  ///< what it is made from
  Scenario unchanged;              ///< the measured run's own
  ServerFit fit;                   ///< of the measured run
  double scale = 1;                ///< cores asked for, of those that were measured
};

/// Reads the file, applies what the request changes, and notes what the flags did.
OrFailure<SimulationPlan> plan_simulation(const SimulateRequest& request, const Context& context,
                                          ProgressSink& progress);

struct Simulated {
  Report report;
  std::time_t started = 0;
};
/// Simulates the plan; one from a report with its prediction. With --calibrate a scenario's costs
/// are measured first.
Result<Simulated> simulate_plan(SimulationPlan& plan, const SimulateRequest& request,
                                const std::string& label, const Context& context,
                                ProgressSink& progress);

}  // namespace poolgauge::app
