// A report's whole histograms in JSON: exact, in the encoding that HdrHistogram's libraries read.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Whole, and where the report has slices interval by interval.
nlohmann::ordered_json histograms_json(const Report& report);
/// Whole alone.
nlohmann::ordered_json histograms_json(const std::vector<KeptHistogram>& histograms);
/// Absent in reports of older versions. `slice_s`: how long an interval is, where there are any.
std::vector<KeptHistogram> read_histograms(const JsonNode& node, double& slice_s);
std::vector<KeptHistogram> read_histograms(const JsonNode& node);

}  // namespace poolgauge
