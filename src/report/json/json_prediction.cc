// What a simulation from a report claims, in JSON.
#include "report/json/json_parts.h"

#include "report/json/report_fields.h"

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
          {"figures", in_json(prediction.figures)},
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
  prediction.figures = InJson<std::vector<PredictedFigure>>::read(node["figures"]);
  prediction.beyond = InJson<std::vector<std::string>>::read(node["beyond_measured"]);
  return prediction;
}

}  // namespace poolgauge
