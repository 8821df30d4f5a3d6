// The two halves of the list of queries.
#pragma once

#include <span>

#include "poolgauge/doctor.h"

namespace poolgauge::doctor {

std::span<const DoctorQuery> server_queries();    ///< A to C, F, G: what the server is
std::span<const DoctorQuery> activity_queries();  ///< D, E: what happens there

}  // namespace poolgauge::doctor
