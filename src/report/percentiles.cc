// Percentiles out of a histogram, into JSON and back.
#include "report/percentiles.h"

#include <array>
#include <cmath>

#include "report/json_recommendation.h"
#include "stats/product_limit.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

struct Member {
  const char* name;
  Percentiles Report::*list;
};
constexpr std::array kMembers = {Member{"latency", &Report::latency_percentiles},
                                 Member{"pool_wait", &Report::pool_wait_percentiles},
                                 Member{"connection_time", &Report::connection_time_percentiles}};

}  // namespace

Percentiles percentiles_of(const Histogram& histogram, const Histogram& ages) {
  constexpr int kPerHalving = 4;
  Percentiles all;
  const double count = static_cast<double>(histogram.count());
  for (double left = 1; left * count >= 1; left /= 2) {
    for (int i = 0; i < kPerHalving; ++i) {
      const double beyond = left * (1 - 0.5 * i / kPerHalving);
      if (beyond * count < 1) return all;
      const BoundedQuantile found = bounded_quantile(histogram, ages, 1 - beyond);
      if (!found.value) return all;
      all.push_back({100 * (1 - beyond), to_ms(*found.value)});
    }
  }
  return all;
}

Json percentiles_json(const Report& report) {
  Json root = Json::object();
  for (const Member& member : kMembers) {
    Json list = Json::array();
    for (const PercentilePoint& point : report.*member.list) {
      list.push_back(Json::array({rounded(point.percentile), rounded(point.ms)}));
    }
    root[member.name] = std::move(list);
  }
  return root;
}

void read_percentiles(Report& report, const JsonNode& node) {
  if (node.is_null()) return;
  for (const Member& member : kMembers) {
    const JsonNode list = node[member.name];
    if (list.is_null()) continue;
    for (const JsonNode& item : list.items()) {
      const std::vector<JsonNode> pair = item.items();
      if (pair.size() != 2) {
        item.expected("a percentile and its milliseconds");
        return;
      }
      (report.*member.list).push_back({pair[0].number(), pair[1].number()});
    }
  }
}

}  // namespace poolgauge
