// What a simulation from a report claims, in JSON.
#include "report/json/json_prediction.h"

#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// 0: a report of before it was kept.
std::uint64_t completed_in(const JsonNode& node) {
  const JsonNode completed = node["completed"];
  return completed.is_null() ? 0 : completed.count();
}

}  // namespace

Json prediction_json(const Prediction& prediction) {
  Json figures = Json::array();
  for (const PredictedFigure& figure : prediction.figures) {
    figures.push_back({{"name", figure.name},
                       {"value", rounded(figure.value)},
                       {"low", rounded(figure.low)},
                       {"high", rounded(figure.high)},
                       {"measured", rounded(figure.measured)}});
  }
  return {{"from",
           {{"started_at", prediction.from_started_at},
            {"load", prediction.from_load},
            {"pool", prediction.from_pool},
            {"fleet", prediction.from_fleet},
            {"completed", prediction.from_samples}}},
          {"same_question", prediction.same_question},
          {"runs", prediction.runs},
          {"completed", prediction.samples},
          {"coverage", 0.9},
          {"figures", std::move(figures)},
          {"beyond_measured", prediction.beyond}};
}

std::optional<Prediction> read_prediction(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  Prediction prediction;
  const JsonNode from = node["from"];
  prediction.from_started_at = from["started_at"].text_or("");
  prediction.from_load = from["load"].text_or("");
  prediction.from_pool = from["pool"].text_or("");
  prediction.from_fleet = from["fleet"].text_or("");
  prediction.from_samples = completed_in(from);
  prediction.samples = completed_in(node);
  prediction.same_question = node["same_question"].flag();
  prediction.runs = node["runs"].small_count();
  for (const JsonNode& item : node["figures"].items()) {
    PredictedFigure figure;
    figure.name = item["name"].text();
    figure.value = item["value"].maybe_number();
    figure.low = item["low"].maybe_number();
    figure.high = item["high"].maybe_number();
    figure.measured = item["measured"].maybe_number();
    prediction.figures.push_back(std::move(figure));
  }
  for (const JsonNode& beyond : node["beyond_measured"].items()) {
    prediction.beyond.push_back(beyond.text());
  }
  return prediction;
}

}  // namespace poolgauge
