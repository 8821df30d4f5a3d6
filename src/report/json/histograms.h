// Histograms as text.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/histogram.h"
#include "poolgauge/report.h"
#include "report/json/json_node.h"

namespace poolgauge {

/// Three significant digits, from 1 ns to one hour: the layout of our default histograms, so that
/// every count stays in its bucket.
std::string hdr_encoded(const PackedHistogram& packed);

/// The counts back; sum, minimum and maximum are not in the encoding. Nothing for what is damaged,
/// of another version or of another layout.
std::optional<std::vector<std::uint8_t>> hdr_counts(std::string_view base64);

// A report's histograms interval by interval: seconds, of a long run several of them.

/// Of one metric; all of a report are equally long.
struct HdrIntervals {
  double length_s = 0;
  std::vector<PackedHistogram> parts;
};

/// The metric's slices joined to intervals of about a second, and of so many seconds that there are
/// at most 300; empty where the report has no slices. Intervals of intervals are the same again.
HdrIntervals hdr_intervals(const Report& report, const KeptHistogram& metric);

// A report's whole histograms in JSON: exact, in the encoding that HdrHistogram's libraries read.

/// Whole, and where the report has slices interval by interval.
nlohmann::ordered_json histograms_json(const Report& report);
/// Whole alone.
nlohmann::ordered_json histograms_json(const std::vector<KeptHistogram>& histograms);
/// Absent in reports of older versions. `slice_s`: how long an interval is, where there are any.
std::vector<KeptHistogram> read_histograms(const JsonNode& node, double& slice_s);
std::vector<KeptHistogram> read_histograms(const JsonNode& node);

}  // namespace poolgauge
