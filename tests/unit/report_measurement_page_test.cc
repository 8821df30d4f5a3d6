// docs/figures.md against the schema: every figure of a report is explained there.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace poolgauge {
namespace {

using nlohmann::json;

std::string read(const std::string& path) {
  std::ifstream file(POOLGAUGE_SOURCE_DIR + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Words between backticks: "`requests.completed`" has two.
std::set<std::string> words_in_code(const std::string& page) {
  std::set<std::string> words;
  const std::regex span("`([^`\n]+)`"), word("[A-Za-z0-9_]+");
  for (std::sregex_iterator s(page.begin(), page.end(), span), end; s != end; ++s) {
    const std::string code = (*s)[1];
    for (std::sregex_iterator w(code.begin(), code.end(), word); w != end; ++w) {
      words.insert(w->str());
    }
  }
  return words;
}

bool names_a_number(const std::string& type) {
  return type == "number" || type == "integer";
}

bool is_number(const json& schema, const json& root) {
  if (schema.contains("$ref")) {
    const std::string ref = schema["$ref"];
    return is_number(root.at(json::json_pointer(ref.substr(1))), root);
  }
  for (const char* choice : {"oneOf", "anyOf"}) {
    if (!schema.contains(choice)) continue;
    for (const json& one : schema[choice]) {
      if (is_number(one, root)) return true;
    }
  }
  if (schema.contains("items") && is_number(schema["items"], root)) return true;
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object() &&
      is_number(schema["additionalProperties"], root)) {
    return true;
  }
  if (!schema.contains("type")) return false;
  if (schema["type"].is_string()) return names_a_number(schema["type"]);
  for (const json& type : schema["type"]) {
    if (names_a_number(type)) return true;
  }
  return false;
}

/// Every property, wherever it stands, whose value is a number, a list or a table of numbers.
void collect(const json& schema, const json& root, std::set<std::string>& names) {
  if (!schema.is_object() && !schema.is_array()) return;
  if (schema.is_object() && schema.contains("properties")) {
    for (const auto& [name, value] : schema["properties"].items()) {
      if (is_number(value, root)) names.insert(name);
    }
  }
  for (const json& inner : schema) collect(inner, root, names);
}

TEST_CASE("every figure of a report stands on the page that says what it measures", "[report]") {
  const json schema = json::parse(read("/scenarios/report.schema.json"));
  std::set<std::string> figures;
  collect(schema, schema, figures);
  // What a number says of the file, not of the run; and advice, which docs/sizing.md explains.
  for (const char* other : {"schema_version", "exit_code"}) figures.erase(other);
  REQUIRE(figures.contains("p99_ci95"));
  REQUIRE(figures.contains("wait_events"));
  REQUIRE(figures.contains("t_s"));
  REQUIRE(figures.size() > 60);
  const std::set<std::string> explained = words_in_code(read("/docs/figures.md"));
  for (const std::string& figure : figures) {
    INFO("docs/figures.md does not say what `" << figure << "` is");
    CHECK(explained.contains(figure));
  }
}

}  // namespace
}  // namespace poolgauge
