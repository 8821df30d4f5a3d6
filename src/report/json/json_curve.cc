// The names of a curve's figures.
#include "report/json/json_curve.h"

#include "report/json/json_number.h"
#include "report/json/json_recommendation.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

Json point_json(const CurvePoint& point) {
  return {{"at", rounded(point.at)},
          {"throughput_per_s", rounded(point.throughput_per_s)},
          {"latency_p50_ms", rounded(point.latency_p50_ms)},
          {"latency_p95_ms", rounded(point.latency_p95_ms)},
          {"latency_p99_ms", rounded(point.latency_p99_ms)},
          {"pool_wait_p95_ms", rounded(point.pool_wait_p95_ms)},
          {"pool_timeout_rate", rounded(point.rate_pool_timeout)},
          {"error_rate", rounded(point.rate_error)},
          {"utilization", rounded(point.utilization)},
          {"goals_met", or_null(point.goals_met)},
          {"usable", point.usable},
          {"note", point.note}};
}

Json knee_json(const std::optional<CurveKnee>& knee) {
  if (!knee) return nullptr;
  return {
      {"at", rounded(knee->at)},           {"throughput_per_s", rounded(knee->throughput_per_s)},
      {"peak_at", rounded(knee->peak_at)}, {"peak_per_s", rounded(knee->peak_per_s)},
      {"beyond", rounded(knee->beyond)},   {"rising", knee->rising}};
}

CurvePoint read_point(const JsonNode& node) {
  CurvePoint point;
  point.at = node["at"].number();
  point.throughput_per_s = node["throughput_per_s"].number();
  point.latency_p50_ms = node["latency_p50_ms"].maybe_number();
  point.latency_p95_ms = node["latency_p95_ms"].maybe_number();
  point.latency_p99_ms = node["latency_p99_ms"].maybe_number();
  point.pool_wait_p95_ms = node["pool_wait_p95_ms"].maybe_number();
  point.rate_pool_timeout = node["pool_timeout_rate"].number_or(0);
  point.rate_error = node["error_rate"].number_or(0);
  point.utilization = node["utilization"].maybe_number();
  if (!node["goals_met"].is_null()) point.goals_met = node["goals_met"].flag();
  point.usable = node["usable"].flag();
  point.note = node["note"].text_or("");
  return point;
}

}  // namespace

Json curve_json(const Curve& curve) {
  Json root = {{"over", curve.over}, {"finding", curve.finding}};
  root["knee"] = knee_json(curve.knee);
  root["smallest_meeting_goals"] = rounded(curve.smallest_meeting_goals);
  root["largest_meeting_goals"] = rounded(curve.largest_meeting_goals);
  root["points"] = Json::array();
  for (const CurvePoint& point : curve.points) root["points"].push_back(point_json(point));
  root["families"] = Json::array();
  for (const CurveFamily& family : curve.families) {
    root["families"].push_back({{"name", family.name},
                                {"left_out_error", rounded(family.left_out_error)},
                                {"chosen", family.chosen}});
  }
  root["line"] = Json::array();
  for (const CurveLine& place : curve.line) {
    root["line"].push_back({{"at", rounded(place.at)},
                            {"throughput_per_s", rounded(place.throughput_per_s)},
                            {"low", rounded(place.low)},
                            {"high", rounded(place.high)}});
  }
  root["notes"] = curve.notes;
  return root;
}

Curve read_curve(const JsonNode& node) {
  Curve curve;
  curve.over = node["over"].text();
  curve.finding = node["finding"].text_or("");
  const JsonNode knee = node["knee"];
  if (!knee.is_null()) {
    curve.knee = CurveKnee{knee["at"].number(),      knee["throughput_per_s"].number(),
                           knee["peak_at"].number(), knee["peak_per_s"].number(),
                           knee["beyond"].number(),  knee["rising"].flag()};
  }
  curve.smallest_meeting_goals = node["smallest_meeting_goals"].maybe_number();
  curve.largest_meeting_goals = node["largest_meeting_goals"].maybe_number();
  for (const JsonNode& item : node["points"].items()) curve.points.push_back(read_point(item));
  for (const JsonNode& item : node["families"].items()) {
    curve.families.push_back(
        {item["name"].text(), item["left_out_error"].maybe_number(), item["chosen"].flag()});
  }
  for (const JsonNode& item : node["line"].items()) {
    curve.line.push_back({item["at"].number(), item["throughput_per_s"].number(),
                          item["low"].number(), item["high"].number()});
  }
  if (!node["notes"].is_null()) {
    for (const JsonNode& note : node["notes"].items()) curve.notes.push_back(note.text());
  }
  return curve;
}

}  // namespace poolgauge
