// A report's whole histograms in JSON: exact, in the encoding that HdrHistogram's libraries read.
#pragma once

#include <nlohmann/json.hpp>

#include "poolgauge/report.h"
#include "report/json_node.h"

namespace poolgauge {

nlohmann::ordered_json histograms_json(const std::vector<KeptHistogram>& histograms);
/// Absent in reports of older versions.
std::vector<KeptHistogram> read_histograms(const JsonNode& node);

}  // namespace poolgauge
