// Single values: numbers in their range, texts, words, durations.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "scenario/reader.h"

namespace poolgauge {

namespace {

/// Whole numbers of JSON, also when written as 1e3 or 5.0.
std::optional<std::int64_t> whole_number(const Json& json) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (!json.is_number_float()) return std::nullopt;
  const double value = json.get<double>();
  if (std::trunc(value) != value || std::abs(value) > kExact) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20U || byte == 0x7fU;
  });
}

/// Of a number or a boolean in quotes: what to write instead.
std::string without_quotes(const Json& json) {
  if (!json.is_string()) return {};
  const Json inner = Json::parse(json.get_ref<const std::string&>(), nullptr, false);
  const bool plain = inner.is_number() || inner.is_boolean();
  return plain ? "remove the quotes: write " + inner.dump() : "";
}

void expect_plain(const Node& node, const std::string& what) {
  node.refuse("expected " + what, shown(*node.json), "", without_quotes(*node.json));
}

}  // namespace

std::optional<std::int64_t> read_integer(const Node& node, std::int64_t low, std::int64_t high) {
  const std::optional<std::int64_t> value = whole_number(*node.json);
  if (!value || *value < low || *value > high) {
    expect_plain(node, fmt::format("a whole number from {} to {}", low, high));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> read_boolean(const Node& node) {
  if (!node.json->is_boolean()) {
    expect_plain(node, "true or false");
    return std::nullopt;
  }
  return node.json->get<bool>();
}

std::optional<std::string> read_text(const Node& node, const std::string& what) {
  if (!node.json->is_string()) {
    node.expected(what);
    return std::nullopt;
  }
  auto text = node.json->get<std::string>();
  if (text.find('\0') != std::string::npos) {
    node.refuse("NUL characters are not allowed");
    return std::nullopt;
  }
  return text;
}

std::optional<double> read_number_above(const Node& node, double above, double high) {
  const double value = node.json->is_number() ? node.json->get<double>() : NAN;
  if (value > above && value <= high) return value;
  expect_plain(node, fmt::format("a number above {}, at most {}", above, high));
  return std::nullopt;
}

std::optional<double> read_number_from(const Node& node, double low, double high) {
  const double value = node.json->is_number() ? node.json->get<double>() : NAN;
  if (value >= low && value <= high) return value;
  expect_plain(node, fmt::format("a number from {} to {}", low, high));
  return std::nullopt;
}

std::optional<std::string> read_word(const Node& node, const std::vector<std::string>& words) {
  if (!node.json->is_string()) {
    node.expected(listed(words));
    return std::nullopt;
  }
  auto word = node.json->get<std::string>();
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    node.expected(listed(words), nearest_or_empty(word, words));
    return std::nullopt;
  }
  return word;
}

std::optional<std::string> read_name(const Node& node) {
  constexpr std::size_t kLongest = 100;
  const std::optional<std::string> name = read_text(node, "a name");
  if (!name) return std::nullopt;
  const bool good = !name->empty() && name->size() <= kLongest && !has_control_character(*name) &&
                    name->find_first_of("/\\()") == std::string::npos && name->front() != '.' &&
                    name->front() != ' ' && name->back() != ' ';
  if (!good) {
    node.expected("a name of 1 to 100 bytes without / \\ ( ), not starting with a dot or a space");
    return std::nullopt;
  }
  return name;
}

std::optional<std::string> read_scalar_as_text(const Node& node) {
  const Json& json = *node.json;
  if (json.is_string()) return read_text(node);
  if (json.is_number() || json.is_boolean()) return json.dump();
  node.expected("a string, a number, true, or false");
  return std::nullopt;
}

std::optional<std::vector<Node>> read_list(const Node& node, std::size_t least,
                                           const std::string& what) {
  if (!node.json->is_array() || node.json->size() < least) {
    node.expected(what);
    return std::nullopt;
  }
  std::vector<Node> elements;
  for (std::size_t i = 0; i < node.json->size(); ++i) elements.push_back(node.element(i));
  return elements;
}

std::optional<Duration> read_duration(const Node& node, Zero zero) {
  if (!node.json->is_string()) {
    const bool number = node.json->is_number() && node.json->get<double>() > 0;
    node.expected("a duration such as \"250ms\" or \"1.5s\"",
                  number ? node.json->dump() + "s" : "");
    return std::nullopt;
  }
  const std::string text = node.json->get<std::string>();
  const Result<Duration> parsed = parse_duration(text);
  if (!parsed.ok()) {
    const bool lacks_unit = parse_duration(text + "s").ok();
    node.refuse(parsed.error().message, shown(*node.json), lacks_unit ? text + "s" : "");
    return std::nullopt;
  }
  if (parsed.value() > kLongestDuration) {
    node.expected("a duration of at most 365d");
    return std::nullopt;
  }
  if (zero == Zero::refused && parsed.value() == Duration{0}) {
    node.expected("a duration above zero");
    return std::nullopt;
  }
  return parsed.value();
}

}  // namespace poolgauge
