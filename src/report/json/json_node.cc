// Typed reading of a parsed JSON document.
#include "report/json/json_node.h"

#include <fmt/format.h>

#include <limits>

namespace poolgauge {
namespace {

constexpr std::size_t kShownLength = 40;

std::string shown(const JsonNode::Json* value) {
  if (value == nullptr) return "nothing";
  if (value->is_object()) return "an object";
  if (value->is_array()) return "a list";
  std::string text = value->dump(-1, ' ', true, JsonNode::Json::error_handler_t::replace);
  if (text.size() > kShownLength) text = text.substr(0, kShownLength) + "...";
  return text;
}

std::string escaped(const std::string& key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

JsonNode JsonNode::operator[](const std::string& key) const {
  const Json* member = nullptr;
  if (value_ != nullptr && value_->is_object()) {
    const auto found = value_->find(key);
    if (found != value_->end()) member = &*found;
  }
  return JsonNode(member, path_ + "/" + escaped(key), *problem_);
}

std::vector<JsonNode> JsonNode::items() const {
  std::vector<JsonNode> all;
  if (value_ == nullptr || !value_->is_array()) {
    expected("a list");
    return all;
  }
  for (std::size_t i = 0; i < value_->size(); ++i) {
    all.emplace_back(&(*value_)[i], fmt::format("{}/{}", path_, i), *problem_);
  }
  return all;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  std::vector<std::pair<std::string, JsonNode>> all;
  if (value_ == nullptr || !value_->is_object()) {
    expected("an object");
    return all;
  }
  for (const auto& item : value_->items()) {
    all.emplace_back(item.key(),
                     JsonNode(&item.value(), path_ + "/" + escaped(item.key()), *problem_));
  }
  return all;
}

std::string JsonNode::text() const {
  if (value_ != nullptr && value_->is_string()) return value_->get<std::string>();
  expected("a text");
  return "";
}

std::string JsonNode::text_or(const std::string& otherwise) const {
  return is_null() ? otherwise : text();
}

bool JsonNode::flag() const {
  if (value_ != nullptr && value_->is_boolean()) return value_->get<bool>();
  expected("true or false");
  return false;
}

double JsonNode::number() const {
  if (value_ != nullptr && value_->is_number()) return value_->get<double>();
  expected("a number");
  return 0;
}

double JsonNode::number_or(double otherwise) const {
  return is_null() ? otherwise : number();
}

std::optional<double> JsonNode::maybe_number() const {
  if (is_null()) return std::nullopt;
  if (value_->is_number()) return value_->get<double>();
  expected("a number or null");
  return std::nullopt;
}

std::uint64_t JsonNode::count() const {
  if (value_ != nullptr && value_->is_number_unsigned()) return value_->get<std::uint64_t>();
  expected("a whole number from 0 up");
  return 0;
}

std::uint32_t JsonNode::small_count() const {
  const std::uint64_t value = count();
  if (value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(value);
  expected("a whole number below 4294967296");
  return 0;
}

std::int64_t JsonNode::integer() const {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value_ != nullptr && value_->is_number_unsigned() && value_->get<std::uint64_t>() > kMax) {
    expected("a smaller whole number");
    return 0;
  }
  if (value_ != nullptr && value_->is_number_integer()) return value_->get<std::int64_t>();
  expected("a whole number");
  return 0;
}

void JsonNode::expected(const std::string& what) const {
  if (!problem_->message.empty()) return;
  problem_->path = path_;
  problem_->message = fmt::format("expected {}, found {}", what, shown(value_));
}

std::string indented_json(const std::string& text) {
  const auto json = JsonNode::Json::parse(text, nullptr, false);
  if (json.is_discarded()) return text;
  return json.dump(2, ' ', false, JsonNode::Json::error_handler_t::replace);
}

}  // namespace poolgauge
