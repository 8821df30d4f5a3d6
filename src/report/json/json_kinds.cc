// Figures by kind of request, into JSON and back.
#include "report/json/json_kinds.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

void write_kinds(Json& root, const Report& report, Json (*summary)(const LatencySummary&)) {
  if (report.kinds.empty()) return;
  Json list = Json::array();
  for (const RequestKind& kind : report.kinds) {
    Json failures = Json::array();
    for (const ClassCount& one : kind.failures) {
      failures.push_back({{"class", name_of(one.failure)}, {"count", one.count}});
    }
    list.push_back({{"request", kind.request},
                    {"completed", kind.completed},
                    {"failed", kind.failed},
                    {"in_flight", kind.in_flight},
                    {"failures", std::move(failures)},
                    {"latency_ms", summary(kind.latency)}});
  }
  root["requests_by_kind"] = std::move(list);
}

std::vector<RequestKind> read_kinds(const JsonNode& node,
                                    LatencySummary (*summary)(const JsonNode&),
                                    FailureClass (*failure)(const JsonNode&)) {
  std::vector<RequestKind> kinds;
  if (node.is_null()) return kinds;
  for (const JsonNode& item : node.items()) {
    RequestKind kind;
    kind.request = item["request"].text();
    kind.completed = item["completed"].count();
    kind.failed = item["failed"].count();
    kind.in_flight = item["in_flight"].count();
    for (const JsonNode& one : item["failures"].items()) {
      kind.failures.push_back({failure(one["class"]), one["count"].count()});
    }
    kind.latency = summary(item["latency_ms"]);
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace poolgauge
