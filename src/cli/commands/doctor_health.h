// `doctor ping` and `doctor --format health`.
#pragma once

#include <string>

#include "cli/args/doctor_options.h"
#include "cli/commands/commands.h"

namespace poolgauge::cli {

/// One round trip, one line. Status 0, or 3 where the server does not answer.
int doctor_ping(const DoctorOptions& options, const std::string& conninfo, const StopFlag& stop);
/// The small JSON on standard output. Status 0, 3 for unhealthy, 10 with --strict for a warning.
int doctor_health(const DoctorOptions& options, const std::string& conninfo, const StopFlag& stop);

}  // namespace poolgauge::cli
