// Count, exact sum and ends beside the encoded buckets.
#include "report/json_histograms.h"

#include "report/hdr_codec.h"

namespace poolgauge {
namespace {

KeptHistogram read_histogram(const JsonNode& node) {
  KeptHistogram kept;
  kept.name = node["name"].text();
  kept.whole.count = node["count"].count();
  kept.whole.clamped = node["clamped"].is_null() ? 0 : node["clamped"].count();
  kept.whole.sum_ns = node["sum_ns"].number();
  kept.whole.min = Duration{node["min_ns"].integer()};
  kept.whole.max = Duration{node["max_ns"].integer()};
  const auto counts = hdr_counts(node["hdr"].text());
  if (counts) kept.whole.counts = *counts;
  Histogram whole;
  if (!counts || !whole.merge(kept.whole)) {
    node["hdr"].expected("a histogram of " + std::to_string(kept.whole.count) +
                         " values in HdrHistogram's V2 encoding");
  }
  return kept;
}

}  // namespace

nlohmann::ordered_json histograms_json(const std::vector<KeptHistogram>& histograms) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const KeptHistogram& kept : histograms) {
    list.push_back({{"name", kept.name},
                    {"count", kept.whole.count},
                    {"clamped", kept.whole.clamped},
                    {"sum_ns", kept.whole.sum_ns},
                    {"min_ns", kept.whole.min.count()},
                    {"max_ns", kept.whole.max.count()},
                    {"hdr", hdr_encoded(kept.whole)}});
  }
  return list;
}

std::vector<KeptHistogram> read_histograms(const JsonNode& node) {
  std::vector<KeptHistogram> histograms;
  if (node.is_null()) return histograms;
  for (const JsonNode& item : node.items()) histograms.push_back(read_histogram(item));
  return histograms;
}

}  // namespace poolgauge
