// Connection strings that libpq does not accept: what is wrong with them, and what to use instead.
#pragma once

#include <string>

#include "poolgauge/result.h"

namespace poolgauge {

/// Success where libpq can begin to connect with the string. Else an error of kind usage: what is
/// wrong, by name, and the corrected string to paste, with the options of a pool moved to
/// --pool-option; never a password. `source` says where the string came from: "--target",
/// "POOLGAUGE_TARGET", "DATABASE_URL"; empty with an empty string: libpq's PG* variables. Looks
/// into the service file and at the environment; connects to nothing.
Status check_conninfo(const std::string& conninfo, const std::string& source);

}  // namespace poolgauge
