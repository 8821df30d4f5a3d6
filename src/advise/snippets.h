// A recommendation as configuration, ready to paste, for each library and file people use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/recommendation.h"

namespace poolgauge {

/// Every snippet that applies; pgbouncer.ini only where there is a pooler. Names and units are each
/// library's own.
std::vector<Snippet> make_snippets(const Recommendation& recommendation);
}  // namespace poolgauge
