// Typed reading of a parsed JSON document that remembers the first thing that is wrong, and where.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace poolgauge {

/// The first mistake of a document; empty message: none so far.
struct JsonProblem {
  std::string path;
  std::string message;
};

/// A place in a document: its value (or nothing) and its JSON pointer. Reading a wrong type notes
/// the problem and gives a zero value, so that callers read straight on and check once at the end.
class JsonNode {
 public:
  using Json = nlohmann::ordered_json;
  JsonNode(const Json* value, std::string path, JsonProblem& problem)
      : value_(value), path_(std::move(path)), problem_(&problem) {}

  /// A member; absent members read as nothing and are reported by whoever needs a value.
  JsonNode operator[](const std::string& key) const;
  /// The elements of a required array.
  std::vector<JsonNode> items() const;
  /// The members of a required object, with their names.
  std::vector<std::pair<std::string, JsonNode>> members() const;

  bool absent() const { return value_ == nullptr; }
  bool is_null() const { return value_ == nullptr || value_->is_null(); }
  const Json* json() const { return value_; }

  std::string text() const;
  std::string text_or(const std::string& otherwise) const;  ///< for what is absent or null
  bool flag() const;
  double number() const;
  double number_or(double otherwise) const;
  std::optional<double> maybe_number() const;
  std::uint64_t count() const;
  std::uint32_t small_count() const;
  std::int64_t integer() const;

  /// Notes that something else was expected here.
  void expected(const std::string& what) const;

 private:
  const Json* value_;  ///< nullptr: absent
  std::string path_;
  JsonProblem* problem_;
};

/// The same document with a line for each value; what is no JSON comes back as it is.
std::string indented_json(const std::string& text);

}  // namespace poolgauge
