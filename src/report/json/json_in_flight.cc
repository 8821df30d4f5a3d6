// Requests in flight, gaps between completions, and stalls.
#include "report/json/json_in_flight.h"

#include "report/json/json_gaps.h"
#include "report/json/json_histograms.h"
#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

void write_in_flight(Json& root, const Report& report, Json (*summary)(const LatencySummary&)) {
  const InFlightSummary& in_flight = report.in_flight;
  if (in_flight.ages.count > 0) {
    Json kinds = Json::array();
    for (const auto& [request, ages] : in_flight.requests) {
      kinds.push_back({{"request", request}, {"ages_ms", summary(ages)}});
    }
    root["in_flight"] = {{"ages_ms", summary(in_flight.ages)},
                         {"older_than_completed", in_flight.older_than_completed},
                         {"by_request", std::move(kinds)},
                         {"histograms", histograms_json(report.age_histograms)}};
    if (!report.failed_histograms.empty()) {
      root["in_flight"]["failed_histograms"] = histograms_json(report.failed_histograms);
    }
  }
  if (report.gaps.known) root["gaps"] = gaps_json(report.gaps);
  if (report.stalls.empty()) return;
  Json stalls = Json::array();
  for (const Stall& stall : report.stalls) {
    stalls.push_back({{"start_s", rounded_seconds(stall.start)},
                      {"end_s", rounded_seconds(stall.end)},
                      {"in_flight", stall.in_flight},
                      {"to_the_end", stall.to_the_end}});
  }
  root["stalls"] = std::move(stalls);
}

void read_in_flight(Report& report, const JsonNode& root,
                    LatencySummary (*summary)(const JsonNode&)) {
  if (const JsonNode node = root["in_flight"]; !node.is_null()) {
    InFlightSummary& in_flight = report.in_flight;
    in_flight.ages = summary(node["ages_ms"]);
    in_flight.older_than_completed = node["older_than_completed"].count();
    for (const JsonNode& item : node["by_request"].items()) {
      in_flight.requests.push_back({item["request"].text(), summary(item["ages_ms"])});
    }
    report.age_histograms = read_histograms(node["histograms"]);
    report.failed_histograms = read_histograms(node["failed_histograms"]);
  }
  report.gaps = read_gaps(root["gaps"]);
  if (root["stalls"].is_null()) return;
  for (const JsonNode& item : root["stalls"].items()) {
    Stall stall;
    stall.start = from_s(item["start_s"].number());
    stall.end = from_s(item["end_s"].number());
    stall.in_flight = item["in_flight"].small_count();
    stall.to_the_end = item["to_the_end"].flag();
    report.stalls.push_back(stall);
  }
}

}  // namespace poolgauge
