// The whole scenario as JSON: overrides put in, defaults written out, limits taken from its SQL.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "poolgauge/scenario.h"
#include "scenario/json.h"
#include "scenario/problems.h"

namespace poolgauge {

/// Compact; parse_scenario reads it to the same scenario.
std::string resolved(const Scenario& scenario);

// Flags and environment variables put into the document before it is read.

struct AppliedOverrides {
  OverrideSources sources;  ///< which values came from where
  std::string note;         ///< what flags mean for the kind of pool; empty: what they say
};

/// Changes `document` (an object) in the order of the overrides, later ones win. An override that
/// cannot apply is reported to `problems`.
AppliedOverrides apply_overrides(Json& document, const std::vector<Override>& overrides,
                                 Problems& problems);

// What the SQL of a scenario's setup says of connection limits.

/// CONNECTION LIMIT by name; -1: taken away again.
struct ConnectionLimits {
  std::map<std::string, std::int64_t> roles;
  std::map<std::string, std::int64_t> databases;
};

/// From CREATE or ALTER ROLE, USER and DATABASE in the setup files, the last one counting. Reads
/// plain statements, also inside a DO block; what a function builds from text is not seen.
ConnectionLimits connection_limits(const Scenario& scenario);

}  // namespace poolgauge
