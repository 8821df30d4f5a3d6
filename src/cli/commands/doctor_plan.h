// What `doctor` knows about the planned load and deployment.
#pragma once

#include <vector>

#include "app/scenario_needs.h"
#include "cli/args/doctor_options.h"
#include "poolgauge/doctor.h"
#include "poolgauge/scenario.h"

namespace poolgauge::cli {

/// The options that replace what a scenario says.
std::vector<Override> deployment_overrides(const DoctorOptions& options);

/// `scenario` may be nullptr: then the options alone.
DoctorPlan doctor_plan(const DoctorOptions& options, const Scenario* scenario);

}  // namespace poolgauge::cli
