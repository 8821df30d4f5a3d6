// Percentiles into JSON and back.
#include "report/json/json_parts.h"

#include <array>

#include "report/json/json_number.h"

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
