// How long connecting takes, in its parts, and what this machine allows.
#pragma once

#include <string>

#include "poolgauge/doctor.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Connects `times` times, one after the other, each for at most 5 s; fewer where one failed, with
/// its reason in facts.connect_trouble.
void time_connects(const std::string& conninfo, int times, const StopFlag& stop,
                   DoctorFacts& facts);

/// Open files, ephemeral ports and processors of this machine.
void read_own_limits(DoctorFacts& facts);

}  // namespace poolgauge
