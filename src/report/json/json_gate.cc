// The comparison of runs as JSON; changes are candidate / baseline - 1.
#include "report/json/json_parts.h"

#include <array>

#include "report/json/fields.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;
using Effect = GateDifference::Effect;

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

}  // namespace

template <>
struct InJson<GateVerdict> {
  static constexpr const char* kType = "string";
  static constexpr bool kNullable = false;
  static Json write(GateVerdict value) { return name_in(kVerdicts, value); }
  static GateVerdict read(const JsonNode& node) { return value_in(kVerdicts, node); }
};
template <>
struct InJson<Effect> {
  static constexpr const char* kType = "string";
  static constexpr bool kNullable = false;
  static Json write(Effect value) { return name_in(kEffects, value); }
  static Effect read(const JsonNode& node) { return value_in(kEffects, node); }
};

template <>
inline constexpr auto kFields<GateSide> = fields(field<&GateSide::name>("name"),
                                                 field<&GateSide::runs>("runs"),
                                                 field<&GateSide::unusable>("unusable"),
                                                 field<&GateSide::sources>("sources"));

template <>
inline constexpr auto kFields<GateDifference> = fields(
    field<&GateDifference::field>("field"), field<&GateDifference::baseline>("baseline"),
    field<&GateDifference::candidate>("candidate"), field<&GateDifference::effect>("effect"));

template <>
inline constexpr auto kFields<GateMetric> = fields(
    field<&GateMetric::metric>("metric"), field<&GateMetric::unit>("unit"),
    Field<GateMetric>{
        "better", [](const GateMetric& m) { return Json(m.higher_is_better ? "higher" : "lower"); },
        [](GateMetric& m, const JsonNode& node) { m.higher_is_better = node.text() == "higher"; },
        "string", false},
    field<&GateMetric::gated>("gated"), field<&GateMetric::verdict>("verdict"),
    field<&GateMetric::baseline>("baseline"), field<&GateMetric::candidate>("candidate"),
    Field<GateMetric>{
        "change_is",
        [](const GateMetric& m) { return Json(m.difference ? "difference" : "ratio"); },
        [](GateMetric& m, const JsonNode& node) { m.difference = node.text() == "difference"; },
        "string", false},
    field<&GateMetric::change>("change"), field<&GateMetric::low>("low"),
    field<&GateMetric::high>("high"), field<&GateMetric::became_worse>("became_worse"),
    field<&GateMetric::confidence>("confidence"), field<&GateMetric::p>("p"),
    field<&GateMetric::method>("method"), field<&GateMetric::margin>("margin"),
    field<&GateMetric::detectable>("detectable"), field<&GateMetric::runs_needed>("runs_needed"),
    field<&GateMetric::note>("note"), field<&GateMetric::baseline_runs>("baseline_runs"),
    field<&GateMetric::candidate_runs>("candidate_runs"));

template <>
inline constexpr auto kFields<GateResult> = fields(
    field<&GateResult::verdict>("verdict"),
    Field<GateResult>{"exit_code", write_member<&GateResult::exit_code>,
                      [](GateResult& gate, const JsonNode& node) {
                        gate.exit_code = static_cast<int>(node.small_count() & 0xffU);
                      },
                      "integer", false},
    field<&GateResult::headline>("headline"), field<&GateResult::reasons>("reasons"),
    field<&GateResult::look_at>("look_at"), field<&GateResult::paired>("paired"),
    field<&GateResult::pairs>("pairs"), field<&GateResult::strict>("strict"),
    field<&GateResult::advisory>("advisory"), field<&GateResult::baseline>("baseline"),
    field<&GateResult::candidate>("candidate"), field<&GateResult::differences>("differences"));

Json gate_json(const GateResult& gate) {
  Json json = in_json(gate);
  Json& metrics = json["metrics"] = in_json(gate.metrics);
  for (std::size_t i = 0; i < gate.metrics.size(); ++i) {
    const GateMetric& m = gate.metrics[i];
    if (m.floor) metrics[i]["floor"] = rounded(*m.floor);
    if (m.baseline_bounded) metrics[i]["baseline_is_bound"] = true;
    if (m.candidate_bounded) metrics[i]["candidate_is_bound"] = true;
  }
  return json;
}

GateResult read_gate(const JsonNode& node) {
  GateResult gate = InJson<GateResult>::read(node);
  for (const JsonNode& item : node["metrics"].items()) {
    GateMetric m = InJson<GateMetric>::read(item);
    m.floor = item["floor"].maybe_number();
    const auto is = [&item](const char* name) {
      return !item[name].is_null() && item[name].flag();
    };
    m.baseline_bounded = is("baseline_is_bound");
    m.candidate_bounded = is("candidate_is_bound");
    gate.metrics.push_back(std::move(m));
  }
  return gate;
}

}  // namespace poolgauge
