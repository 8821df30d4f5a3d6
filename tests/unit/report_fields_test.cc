// report.schema.json says of the parts of a report what their lists of fields say: the names that
// are written, their types, and which of them may be null.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "report/json/report_fields.h"

using namespace poolgauge;

namespace {

using Tree = nlohmann::json;

const Tree& schema() {
  static const Tree read = [] {
    std::ifstream file(POOLGAUGE_SOURCE_DIR "/scenarios/report.schema.json");
    return Tree::parse(file);
  }();
  return read;
}

/// The types that a node allows, as JSON Schema calls them.
std::set<std::string> types_of(const Tree& node) {
  std::set<std::string> types;
  const auto add = [&types](const Tree& more) {
    for (const std::string& type : types_of(more)) types.insert(type);
  };
  if (node.contains("$ref")) {
    const std::string text = node.at("$ref");
    add(schema().at(Tree::json_pointer(text.substr(1))));
  }
  for (const char* choice : {"oneOf", "anyOf"}) {
    if (!node.contains(choice)) continue;
    for (const Tree& one : node.at(choice)) add(one);
  }
  if (node.contains("enum")) {
    for (const Tree& value : node.at("enum")) types.insert(value.is_null() ? "null" : "string");
  }
  if (!node.contains("type")) return types;
  const Tree& type = node.at("type");
  if (type.is_string()) types.insert(type.get<std::string>());
  if (type.is_array()) types.insert(type.begin(), type.end());
  return types;
}

/// `extra`: what is written besides the list, where there is something to write.
void compare(const std::string& place, const Tree& fields,
             const std::set<std::string>& extra = {}) {
  INFO(place);
  const Tree& node = schema().at(Tree::json_pointer(place));
  REQUIRE_FALSE(fields.empty());
  for (const Tree& name : node.value("required", Tree::array())) {
    INFO(name);
    CHECK(fields.contains(name.get<std::string>()));
  }
  const Tree properties = node.value("properties", Tree::object());
  for (const auto& [name, property] : properties.items()) {
    if (extra.contains(name)) continue;
    INFO(name);
    REQUIRE(fields.contains(name));
    const std::set<std::string> types = types_of(property);
    if (types.empty()) continue;
    const std::string type = fields.at(name).at("type");
    CHECK((types.contains(type) || (type == "integer" && types.contains("number"))));
    CHECK((!fields.at(name).at("nullable") || types.contains("null")));
  }
}

template <typename S>
Tree fields_of() {
  return Tree(members_in_schema<S>());
}

}  // namespace

TEST_CASE("the schema of a report names the fields that are written") {
  compare("/properties/outages/items", fields_of<Outage>());
  compare("/properties/standstills/items", fields_of<Standstill>());
  compare("/properties/stalls/items", fields_of<Stall>());
  compare("/properties/timeline/items", fields_of<SeriesPoint>());
  compare("/properties/steps/items", fields_of<StepSummary>());
  compare("/properties/failures/items", fields_of<FailureCount>(), {"waiting"});
  compare("/properties/requests_by_kind/items", fields_of<RequestKind>());
  compare("/properties/samples/items", fields_of<ExampleRequest>(), {"spans_left_out"});
  compare("/properties/samples/items/properties/spans/items", fields_of<SampleSpan>());
  compare("/properties/pooler", fields_of<PoolerView>());
  compare("/properties/pooler/properties/series/items", fields_of<PoolerSample>());
  compare("/$defs/curve", fields_of<Curve>());
  compare("/$defs/curve/properties/knee", fields_of<CurveKnee>());
  compare("/$defs/curve/properties/points/items", fields_of<CurvePoint>());
  compare("/$defs/curve/properties/families/items", fields_of<CurveFamily>());
  compare("/$defs/curve/properties/line/items", fields_of<CurveLine>());
  compare("/$defs/forecast", fields_of<PoolForecast>());
  compare("/$defs/recommendation/properties/limits/items", fields_of<ConnectionLimit>());
}
