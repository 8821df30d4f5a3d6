// The forms of `doctor` (checks, --sql, --format health, ping), and what cannot be combined.
#pragma once

#include "cli/args/doctor_options.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

/// Success, or the first option given that would have no effect, as an error of kind usage.
Status check_form(const DoctorOptions& options);

}  // namespace poolgauge::cli
