// scenario.schema.json says of every pool's options what the registry says: the same names, types
// and ranges, no more and no less.
#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <set>

#include "scenario/json.h"
#include "scenario_text.h"

using namespace scenario_test;

namespace {

using Tree = nlohmann::json;  // in which the order of keys is no difference
using Names = std::set<std::string>;

Tree read_schema() {
  std::ifstream file(POOLGAUGE_SOURCE_DIR "/scenarios/scenario.schema.json");
  return Tree::parse(file);
}

const Tree& schema() {
  static const Tree read = read_schema();
  return read;
}

const Tree& definition(const std::string& name) {
  return schema().at("$defs").at(name);
}

/// "#/$defs/seconds" -> "seconds"; empty: none.
std::string reference(const Tree& node) {
  const std::string text = node.value("$ref", "");
  return text.substr(text.rfind('/') + 1);
}

bool is_for(const Tree& condition, const std::string& kind) {
  const Tree& named = condition.at("properties").at("kind");
  if (named.contains("const")) return named.at("const") == kind;
  const Tree& all = named.at("enum");
  return std::find(all.begin(), all.end(), kind) != all.end();
}

/// Whether the condition holds where no kind is named, too.
bool is_for_nameless(const Tree& condition) {
  return !condition.contains("required");
}

/// What the schema lets a pool of the kind say; none where it has no rule for the kind, or several.
Tree rule_for(const std::string& kind) {
  Tree found;
  for (const Tree& branch : definition("pool").at("allOf")) {
    if (!is_for(branch.at("if"), kind)) continue;
    if (!found.is_null()) return {};
    const Tree& rule = branch.at("then");
    found = reference(rule).empty() ? rule : definition(reference(rule));
  }
  return found;
}

/// The options the rule names, without what belongs to every pool.
std::map<std::string, Tree> options_in(const Tree& rule, const Names& besides) {
  std::map<std::string, Tree> options;
  for (const auto& [name, value] : rule.at("properties").items()) {
    if (besides.contains(name)) continue;
    const bool elsewhere = reference(value) == "fallback";
    options[name] = elsewhere ? definition("fallback") : value;
  }
  return options;
}

Tree expected_integer(const OptionInfo& option) {
  Tree wanted{{"type", "integer"}, {"minimum", option.min_value}};
  if (option.max_value < std::numeric_limits<std::int64_t>::max()) {
    wanted["maximum"] = option.max_value;
  }
  return wanted;
}

Tree expected_duration(const OptionInfo& option) {
  const bool in_seconds = option.bare_unit == std::chrono::seconds(1);
  Tree plain{{"$ref", in_seconds ? "#/$defs/seconds" : "#/$defs/milliseconds"}};
  if (!option.minus_one_is_off) return plain;
  return Tree{{"oneOf", Tree::array({plain, Tree{{"const", -1}}})}};
}

/// Choices that look like numbers may be written as such, where the number keeps its digits.
void check_choices(const OptionInfo& option, const Tree& said) {
  Names texts;
  Names numbers;
  for (const Tree& choice : said.at("enum")) {
    (choice.is_string() ? texts : numbers)
        .insert(choice.is_string() ? choice.get<std::string>() : choice.dump());
  }
  CHECK(texts == Names(option.choices.begin(), option.choices.end()));
  Names readable;
  for (const std::string& choice : option.choices) {
    const Tree number = Tree::parse(choice, nullptr, false);
    if (number.is_number() && number.dump() == choice) readable.insert(choice);
  }
  CHECK(numbers == readable);
}

void check_option(const OptionInfo& option, Tree said) {
  said.erase("description");
  INFO(option.name << ": " << said.dump());
  switch (option.type) {
    case OptionType::integer: CHECK(said == expected_integer(option)); break;
    case OptionType::boolean: CHECK(said == Tree{{"type", "boolean"}}); break;
    case OptionType::duration: CHECK(said == expected_duration(option)); break;
    case OptionType::choice: check_choices(option, said); break;
  }
}

void check_kind(const KindInfo& kind, const Tree& rule, const Names& besides) {
  INFO(kind.name);
  REQUIRE(rule.is_object());
  CHECK(rule.value("additionalProperties", true) == false);
  auto said = options_in(rule, besides);
  for (const OptionInfo& option : kind.options) {
    INFO(option.name);
    CHECK(said.contains(option.name));
    if (said.contains(option.name)) check_option(option, said[option.name]);
    said.erase(option.name);
  }
  for (const auto& [name, value] : said) FAIL_CHECK("the registry does not know " << name);
}

/// A default as a scenario may write it.
Tree written(const OptionInfo& option) {
  if (const auto* integer = std::get_if<std::int64_t>(&option.default_value)) return *integer;
  if (const auto* flag = std::get_if<bool>(&option.default_value)) return *flag;
  if (const auto* text = std::get_if<std::string>(&option.default_value)) return *text;
  const Duration time = std::get<Duration>(option.default_value);
  if (time < Duration{0}) return -1;
  return static_cast<double>(time.count()) / static_cast<double>(option.bare_unit.count());
}

}  // namespace

TEST_CASE("the schema's kinds are the registry's") {
  Names known;
  for (const KindInfo* kind : pool_kinds()) known.insert(kind->name);
  const Tree& named = definition("pool").at("properties").at("kind").at("enum");
  CHECK(Names(named.begin(), named.end()) == known);
}

TEST_CASE("the schema takes a pool that names no kind for the registry's default") {
  for (const Tree& branch : definition("pool").at("allOf")) {
    const Tree& condition = branch.at("if");
    CHECK(is_for_nameless(condition) == is_for(condition, PoolSpec{}.kind));
  }
}

TEST_CASE("the schema's options of each kind are the registry's") {
  const Names besides{"kind", "target", "role", "role_by"};
  for (const KindInfo* kind : pool_kinds()) check_kind(*kind, rule_for(kind->name), besides);
  check_kind(*find_kind("pgbouncer"), definition("pooler"), {"kind", "target"});
}

TEST_CASE("every option may be set to its own default") {
  for (const KindInfo* kind : pool_kinds()) {
    for (const OptionInfo& option : kind->options) {
      INFO(kind->name << " " << option.name);
      const Tree pool{{"kind", kind->name}, {option.name, written(option)}};
      const Scenario read = good(with(R"({ "kind": "sqlalchemy", "pool_size": 2 })", pool.dump()));
      CHECK(read.deployment.pool.get(option.name) == option.default_value);
    }
  }
}
