// docs/scenarios.md: each of its examples is accepted, and each key of the schema is on it.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenario/json.h"
#include "scenario_text.h"

using namespace scenario_test;

namespace {

std::string read_source(const std::string& name) {
  std::ifstream file(std::string(POOLGAUGE_SOURCE_DIR "/") + name);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::string& page() {
  static const std::string text = read_source("docs/scenarios.md");
  return text;
}

/// What stands between ```jsonc and ```.
std::vector<std::string> examples() {
  const std::string fence = "```jsonc\n";
  std::vector<std::string> all;
  for (std::size_t at = page().find(fence); at != std::string::npos;
       at = page().find(fence, at + 1)) {
    const std::size_t begin = at + fence.size();
    all.push_back(page().substr(begin, page().find("```", begin) - begin));
  }
  return all;
}

TEST_CASE("each example of docs/scenarios.md is part of a good scenario") {
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / ("poolgauge-docs-test." + std::to_string(::getpid()));
  fs::create_directories(folder / "sql");
  for (const char* name : {"sql/setup.sql", "sql/teardown.sql"}) {
    std::ofstream(folder / name) << "SELECT 1;";
  }
  std::ofstream(folder / "people.csv") << "name,email\nA,a@example.org\n";
  std::ofstream(folder / "arrivals.csv") << "0.0,\n0.5,request1\n";
  REQUIRE(examples().size() >= 10);
  for (const std::string& example : examples()) {
    INFO(example);
    Json scenario = Json::parse(
        R"({"version": 1, "name": "x", "requests": [{"steps": [{"sql": "SELECT 1"}]}],
            "load": {"users": 1}})");
    const Json part = Json::parse("{" + example + "}", nullptr, true, true);
    for (const auto& [key, value] : part.items()) scenario[key] = value;
    good(scenario.dump(), {}, (folder / "s.json").string());
  }
  fs::remove_all(folder);
}

/// Names of all properties below a node of the schema.
void gather_keys(const Json& node, std::vector<std::string>& keys) {
  if (node.is_object() && node.contains("properties")) {
    for (const auto& [key, value] : node.at("properties").items()) keys.push_back(key);
  }
  if (!node.is_structured()) return;
  for (const auto& [key, value] : node.items()) gather_keys(value, keys);
}

TEST_CASE("docs/scenarios.md has every key of scenarios, requests, steps, variables and loads") {
  const Json schema = Json::parse(read_source("scenarios/scenario.schema.json"));
  std::vector<std::string> keys;
  for (const auto& [key, value] : schema.at("properties").items()) keys.push_back(key);
  for (const char* part : {"variable", "request", "step", "load", "distribution"}) {
    gather_keys(schema.at("$defs").at(part), keys);
  }
  REQUIRE(keys.size() > 40);
  for (const std::string& key : keys) {
    INFO(key);
    const bool in_example = page().find('"' + key + '"') != std::string::npos;
    const bool in_text = page().find('`' + key) != std::string::npos;
    CHECK((in_example || in_text));
  }
}

}  // namespace
