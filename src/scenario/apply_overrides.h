// Flags and environment variables put into the document before it is read.
#pragma once

#include <vector>

#include "poolgauge/scenario.h"
#include "scenario/json.h"
#include "scenario/problems.h"

namespace poolgauge {

/// Changes `document` (an object) in the order of the overrides, later ones win. Returns which
/// values came from where; an override that cannot apply is reported to `problems`.
OverrideSources apply_overrides(Json& document, const std::vector<Override>& overrides,
                                Problems& problems);

}  // namespace poolgauge
