// The checks of `doctor` that decide whether a load can begin.
#pragma once

#include <cstdint>
#include <string>

#include "doctor/checks.h"
#include "pg/doctor/doctor_read.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// Whether counters, samples, and times are read as well, which takes seconds.
enum class DoctorPace : std::uint8_t { one_look, watch };

/// What the selected checks read; no console and no clock.
DoctorWishes wishes_for(const doctor::Selection& selection, DoctorPace pace);

/// Runs the checks of doctor for what a scenario needs of its server: that it is no standby where
/// it writes, that no timeout is shorter than what it must let pass, that commits do not wait for
/// standbys that are not there. The error (kind target) lists the findings at level stop with
/// their cures; what cannot be seen stops nothing.
Status check_with_doctor(const std::string& conninfo, const Scenario& scenario,
                         const StopFlag& stop);

}  // namespace poolgauge::app
