// What the SQL of a scenario's setup says of connection limits.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// CONNECTION LIMIT by name; -1: taken away again.
struct ConnectionLimits {
  std::map<std::string, std::int64_t> roles;
  std::map<std::string, std::int64_t> databases;
};

/// From CREATE or ALTER ROLE, USER and DATABASE in the setup files, the last one counting. Reads
/// plain statements, also inside a DO block; what a function builds from text is not seen.
ConnectionLimits connection_limits(const Scenario& scenario);

}  // namespace poolgauge
