// The comparison of runs as JSON; changes are candidate / baseline - 1.
#include "report/json/json_gate.h"

#include <array>

#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;
using Effect = GateDifference::Effect;

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(rounded(value));
  return list;
}

template <class Value>
struct Name {
  Value value;
  const char* name;
};
constexpr std::array kVerdicts{Name<GateVerdict>{GateVerdict::pass, "pass"},
                               Name<GateVerdict>{GateVerdict::regression, "regression"},
                               Name<GateVerdict>{GateVerdict::inconclusive, "inconclusive"},
                               Name<GateVerdict>{GateVerdict::invalid, "invalid"}};
constexpr std::array kEffects{
    Name<Effect>{Effect::intended, "intended"}, Name<Effect>{Effect::noted, "noted"},
    Name<Effect>{Effect::doubt, "doubt"}, Name<Effect>{Effect::refused, "refused"}};

template <class Table, class Value>
const char* name_in(const Table& table, Value value) {
  for (const auto& entry : table) {
    if (entry.value == value) return entry.name;
  }
  return "";
}

template <class Table>
auto value_in(const Table& table, const JsonNode& node) {
  const std::string name = node.text();
  for (const auto& entry : table) {
    if (name == entry.name) return entry.value;
  }
  node.expected("one of the names that poolgauge writes here");
  return table[0].value;
}

Json side(const GateSide& s) {
  return {{"name", s.name}, {"runs", s.runs}, {"unusable", s.unusable}, {"sources", s.sources}};
}

Json metric(const GateMetric& m) {
  Json json{{"metric", m.metric},
            {"unit", m.unit},
            {"better", m.higher_is_better ? "higher" : "lower"},
            {"gated", m.gated},
            {"verdict", name_in(kVerdicts, m.verdict)},
            {"baseline", rounded(m.baseline)},
            {"candidate", rounded(m.candidate)},
            {"change_is", m.difference ? "difference" : "ratio"},
            {"change", rounded(m.change)},
            {"low", rounded(m.low)},
            {"high", rounded(m.high)},
            {"became_worse", m.became_worse},
            {"confidence", rounded(m.confidence)},
            {"p", rounded(m.p)},
            {"method", m.method},
            {"margin", rounded(m.margin)},
            {"detectable", rounded(m.detectable)},
            {"runs_needed", or_null(m.runs_needed)},
            {"note", m.note},
            {"baseline_runs", numbers(m.baseline_runs)},
            {"candidate_runs", numbers(m.candidate_runs)}};
  if (m.floor) json["floor"] = rounded(*m.floor);
  if (m.baseline_bounded) json["baseline_is_bound"] = true;
  if (m.candidate_bounded) json["candidate_is_bound"] = true;
  return json;
}

std::vector<std::string> read_texts(const JsonNode& node) {
  std::vector<std::string> texts;
  for (const JsonNode& text : node.items()) texts.push_back(text.text());
  return texts;
}

std::vector<double> read_numbers(const JsonNode& node) {
  std::vector<double> values;
  for (const JsonNode& value : node.items()) values.push_back(value.number());
  return values;
}

GateSide read_side(const JsonNode& node) {
  return {node["name"].text(), node["runs"].small_count(), node["unusable"].small_count(),
          read_texts(node["sources"])};
}

GateMetric read_metric(const JsonNode& node) {
  GateMetric m;
  m.metric = node["metric"].text();
  m.unit = node["unit"].text();
  m.higher_is_better = node["better"].text() == "higher";
  m.gated = node["gated"].flag();
  m.verdict = value_in(kVerdicts, node["verdict"]);
  m.baseline = node["baseline"].maybe_number();
  m.candidate = node["candidate"].maybe_number();
  m.baseline_bounded = !node["baseline_is_bound"].is_null() && node["baseline_is_bound"].flag();
  m.candidate_bounded = !node["candidate_is_bound"].is_null() && node["candidate_is_bound"].flag();
  m.difference = node["change_is"].text() == "difference";
  m.change = node["change"].maybe_number();
  m.low = node["low"].maybe_number();
  m.high = node["high"].maybe_number();
  m.became_worse = node["became_worse"].flag();
  m.confidence = node["confidence"].number();
  m.p = node["p"].number();
  m.method = node["method"].text();
  m.margin = node["margin"].number();
  m.floor = node["floor"].maybe_number();
  m.detectable = node["detectable"].maybe_number();
  if (!node["runs_needed"].is_null()) m.runs_needed = node["runs_needed"].count();
  m.note = node["note"].text();
  m.baseline_runs = read_numbers(node["baseline_runs"]);
  m.candidate_runs = read_numbers(node["candidate_runs"]);
  return m;
}

}  // namespace

Json gate_json(const GateResult& gate) {
  Json differences = Json::array();
  for (const GateDifference& d : gate.differences) {
    differences.push_back({{"field", d.field},
                           {"baseline", d.baseline},
                           {"candidate", d.candidate},
                           {"effect", name_in(kEffects, d.effect)}});
  }
  Json metrics = Json::array();
  for (const GateMetric& m : gate.metrics) metrics.push_back(metric(m));
  return {{"verdict", name_in(kVerdicts, gate.verdict)},
          {"exit_code", gate.exit_code},
          {"headline", gate.headline},
          {"reasons", gate.reasons},
          {"look_at", gate.look_at},
          {"paired", gate.paired},
          {"pairs", gate.pairs},
          {"strict", gate.strict},
          {"advisory", gate.advisory},
          {"baseline", side(gate.baseline)},
          {"candidate", side(gate.candidate)},
          {"differences", std::move(differences)},
          {"metrics", std::move(metrics)}};
}

GateResult read_gate(const JsonNode& node) {
  GateResult gate;
  gate.verdict = value_in(kVerdicts, node["verdict"]);
  gate.exit_code = static_cast<int>(node["exit_code"].small_count() & 0xffU);
  gate.headline = node["headline"].text();
  gate.reasons = read_texts(node["reasons"]);
  gate.look_at = read_texts(node["look_at"]);
  gate.paired = node["paired"].flag();
  gate.pairs = node["pairs"].small_count();
  gate.strict = node["strict"].flag();
  gate.advisory = node["advisory"].flag();
  gate.baseline = read_side(node["baseline"]);
  gate.candidate = read_side(node["candidate"]);
  for (const JsonNode& d : node["differences"].items()) {
    gate.differences.push_back({d["field"].text(), d["baseline"].text(), d["candidate"].text(),
                                value_in(kEffects, d["effect"])});
  }
  for (const JsonNode& m : node["metrics"].items()) gate.metrics.push_back(read_metric(m));
  return gate;
}

}  // namespace poolgauge
