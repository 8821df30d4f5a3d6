// Predictions from a measured run, with their error, and the model behind them. Pure.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"

namespace poolgauge {

/// The simulated runs behind a prediction. The first of each list has the measured run's own seed
/// and the calibration as it is; the others other seeds and a calibration off by its own error.
struct SimulatedRuns {
  std::vector<Measurement> question;
  std::vector<Measurement> unchanged;  ///< the measured run's own settings; its first may be enough
};

/// `measured`: the run it is made from. `asked`: the scenario of the question.
Prediction predict(const Report& measured, const Scenario& unchanged, const Scenario& asked,
                   const SimulatedRuns& runs);

/// One sentence for each way in which the question extrapolates from what was measured.
std::vector<std::string> beyond_measured(const Report& measured, const Scenario& unchanged,
                                         const Scenario& asked, const Measurement& simulated);

// From the calibration of a measured run to the simulator's model of the server. Pure.

/// How exchanges slow each other down: n of them advance as if `capacity` could run at full speed
/// and more shared it, with a round corner.
struct ServerFit {
  double capacity = 0;       ///< 0: no exchanges to fit
  bool observed = false;     ///< the sample itself shows it; else it is the number of cores
  double capacity_low = 0;   ///< 95 % interval, where observed
  double capacity_high = 0;  ///< infinite where the sample sets no upper limit
  double seen_mean = 0;      ///< exchanges in progress in the measured run, time average
  double seen_most = 0;      ///< 99 of 100 sampled exchanges had at most this many in progress
};
ServerFit fit_server(const Calibration& calibration);

/// How fast each of n exchanges advances, compared with one alone.
double speed_of(double capacity, double active);

/// How the profile differs from the fit.
struct Deviation {
  double work = 0;      ///< of the times' logarithm
  double capacity = 0;  ///< in standard errors of its own
  double scale = 1;     ///< of the capacity: a machine with so many times the cores
};

/// The server as the run saw it: complete measured requests if the report has them, else a mean for
/// each statement. `requests`: of the scenario to be played, which has the report's own requests.
ServerProfile profile_of(const Report& report, const Scenario& scenario,
                         const Deviation& deviation = {});
/// The same where the report's fit is known: finding it takes longer than a short simulation.
ServerProfile profile_of(const Report& report, const Scenario& scenario, const ServerFit& fit,
                         const Deviation& deviation);

// Changes to a scenario that no flag of its own expresses. Pure.

/// Releases the connection during the hold named `step` ("model" or "chat.model"): the
/// transaction around it ends before it, and another begins after it.
Result<Scenario> release_during(Scenario scenario, const std::string& step);

}  // namespace poolgauge
