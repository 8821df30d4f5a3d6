// The server of a measured run, fitted until its simulation shows the run's own hold times.
#pragma once

#include "advise/calibration.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"

namespace poolgauge::app {

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

}  // namespace poolgauge::app
