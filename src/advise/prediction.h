// Predictions from a measured run, with their error. Pure.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

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

}  // namespace poolgauge
