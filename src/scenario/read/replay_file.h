// The file of a replayed load: when requests are due, and which.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/load.h"
#include "poolgauge/result.h"

namespace poolgauge {

/// A CSV text: seconds since the start of the load, and perhaps the request's name; either without
/// a heading (first column, second column) or with one (`at` or `arrival_s`, `request`; others are
/// skipped). Errors name the line. `speed` 2 makes it last half as long.
Result<std::vector<ReplayLoad::Arrival>> read_arrivals(
    std::string_view text, double speed, const std::vector<std::string>& request_names);

}  // namespace poolgauge
