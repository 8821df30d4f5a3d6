// Flags and environment variables put into the document before it is read.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/scenario.h"
#include "scenario/json.h"
#include "scenario/problems.h"

namespace poolgauge {

struct AppliedOverrides {
  OverrideSources sources;  ///< which values came from where
  std::string note;         ///< what flags mean for the kind of pool; empty: what they say
};

/// Changes `document` (an object) in the order of the overrides, later ones win. An override that
/// cannot apply is reported to `problems`.
AppliedOverrides apply_overrides(Json& document, const std::vector<Override>& overrides,
                                 Problems& problems);

}  // namespace poolgauge
