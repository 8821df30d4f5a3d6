// Count, exact sum and ends beside the encoded buckets.
#include "report/json/histograms.h"

namespace poolgauge {
namespace {

nlohmann::ordered_json intervals_json(const std::vector<PackedHistogram>& parts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const PackedHistogram& part : parts) {
    list.push_back({part.count, part.min.count(), part.max.count(), hdr_encoded(part)});
  }
  return list;
}

PackedHistogram read_interval(const JsonNode& node) {
  const std::vector<JsonNode> items = node.items();
  PackedHistogram part;
  Histogram whole;
  if (items.size() == 4) {
    part.count = items[0].count();
    part.min = Duration{items[1].integer()};
    part.max = Duration{items[2].integer()};
    const auto counts = hdr_counts(items[3].text());
    if (counts) part.counts = *counts;
    if (counts && part.max >= Duration{0} && whole.merge(part)) return part;
  }
  node.expected(
      "the count of values, the smallest and largest in nanoseconds, and their histogram in "
      "HdrHistogram's V2 encoding");
  return {};
}

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
  if (!node["intervals"].is_null()) {
    for (const JsonNode& part : node["intervals"].items()) {
      kept.slices.push_back(read_interval(part));
    }
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

nlohmann::ordered_json histograms_json(const Report& report) {
  nlohmann::ordered_json list = histograms_json(report.histograms);
  for (std::size_t i = 0; i < report.histograms.size(); ++i) {
    const HdrIntervals intervals = hdr_intervals(report, report.histograms[i]);
    if (intervals.parts.empty()) continue;
    list[i]["interval_s"] = intervals.length_s;
    list[i]["intervals"] = intervals_json(intervals.parts);
  }
  return list;
}

std::vector<KeptHistogram> read_histograms(const JsonNode& node, double& slice_s) {
  std::vector<KeptHistogram> histograms;
  if (node.is_null()) return histograms;
  for (const JsonNode& item : node.items()) {
    histograms.push_back(read_histogram(item));
    if (!histograms.back().slices.empty()) slice_s = item["interval_s"].number();
  }
  return histograms;
}

std::vector<KeptHistogram> read_histograms(const JsonNode& node) {
  double unused = 0;
  return read_histograms(node, unused);
}

}  // namespace poolgauge
