// Pages in the Prometheus text format, read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/result.h"

namespace poolgauge::observe {

/// One line of a page.
struct MetricSample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;            ///< may be infinite or not a number
  std::optional<double> at_s;  ///< since 1970, where the line says when it was taken
  std::string_view label(std::string_view wanted) const;
};

/// Reads the text format 0.0.4 and OpenMetrics: comments, blank lines and exemplars are skipped.
/// The error (kind usage) names the first line that is not a sample, and quotes its beginning.
Result<std::vector<MetricSample>> parse_metrics(std::string_view text);

}  // namespace poolgauge::observe
