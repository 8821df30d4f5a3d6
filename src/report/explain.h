// What each figure of a report means: what is timed, from when to when.
#pragma once

#include <string_view>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

struct Explanation {
  std::string_view figure;
  std::string_view meaning;
};

/// Those of the figures that the report shows, in the order in which they appear.
std::vector<Explanation> explanations(const Report& report);

/// Those of a gate's or a comparison's table; then those of its metrics.
std::vector<Explanation> gate_explanations(const Report& report);

/// Those of a history.
std::vector<Explanation> history_explanations(bool timeouts);

/// All of them, for a page that shows the whole report: also of the row "response".
std::vector<Explanation> page_explanations(const Report& report);

}  // namespace poolgauge
