// Distributions as a few dozen percentiles, denser towards the slow end.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json_node.h"

namespace poolgauge {

/// Four for each halving of what is left to 100 %, as far as there is a value beyond. `ages`: of
/// what had not ended; what they keep unknown is omitted.
Percentiles percentiles_of(const Histogram& histogram, const Histogram& ages);

nlohmann::ordered_json percentiles_json(const Report& report);
/// Older reports have none.
void read_percentiles(Report& report, const JsonNode& node);

}  // namespace poolgauge
