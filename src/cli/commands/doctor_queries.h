// What `doctor --sql` prints.
#pragma once

#include <string>

#include "doctor/checks.h"

namespace poolgauge::cli {

/// Every query of the selected checks with the versions it is for and the checks that read it, and
/// a comment for each check that looks otherwise. psql can run all of it.
std::string doctor_queries_text(const doctor::Selection& selection);

}  // namespace poolgauge::cli
