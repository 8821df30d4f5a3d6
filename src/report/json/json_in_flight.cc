// Requests in flight, gaps between completions, and stalls.
#include "report/json/json_parts.h"

#include "report/json/histograms.h"
#include "report/json/report_fields.h"

namespace poolgauge {

void write_in_flight(nlohmann::ordered_json& root, const Report& report) {
  const InFlightSummary& in_flight = report.in_flight;
  if (in_flight.ages.count > 0) {
    nlohmann::ordered_json kinds = nlohmann::ordered_json::array();
    for (const auto& [request, ages] : in_flight.requests) {
      kinds.push_back({{"request", request}, {"ages_ms", in_json(ages)}});
    }
    root["in_flight"] = {{"ages_ms", in_json(in_flight.ages)},
                         {"older_than_completed", in_flight.older_than_completed},
                         {"by_request", std::move(kinds)},
                         {"histograms", histograms_json(report.age_histograms)}};
    if (!report.failed_histograms.empty()) {
      root["in_flight"]["failed_histograms"] = histograms_json(report.failed_histograms);
    }
  }
  if (report.gaps.known) root["gaps"] = gaps_json(report.gaps);
  if (!report.stalls.empty()) root["stalls"] = in_json(report.stalls);
}

void read_in_flight(Report& report, const JsonNode& root) {
  if (const JsonNode node = root["in_flight"]; !node.is_null()) {
    InFlightSummary& in_flight = report.in_flight;
    in_flight.ages = InJson<LatencySummary>::read(node["ages_ms"]);
    in_flight.older_than_completed = node["older_than_completed"].count();
    for (const JsonNode& item : node["by_request"].items()) {
      in_flight.requests.push_back(
          {item["request"].text(), InJson<LatencySummary>::read(item["ages_ms"])});
    }
    report.age_histograms = read_histograms(node["histograms"]);
    report.failed_histograms = read_histograms(node["failed_histograms"]);
  }
  report.gaps = read_gaps(root["gaps"]);
  report.stalls = read_list<Stall>(root["stalls"]);
}

}  // namespace poolgauge
