// The parts of the list of queries.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "poolgauge/doctor.h"

namespace poolgauge::doctor {

std::span<const DoctorQuery> server_queries();    ///< A to C, F, G: what the server is
std::span<const DoctorQuery> activity_queries();  ///< D, E: what happens there
std::span<const DoctorQuery> scenario_queries();  ///< I: not among queries(), see with_name()

/// A query of group I for this name, which is a quoted literal.
std::string with_name(std::string_view sql, std::string_view literal);

}  // namespace poolgauge::doctor
