// Typed reading of a JSON document that continues after a mistake, so that all are reported.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/time.h"
#include "scenario/json.h"
#include "scenario/problems.h"

namespace poolgauge {

/// A value of the document, its pointer, and where to report what is wrong with it.
struct Node {
  const Json* json;
  std::string pointer;
  Problems* problems;

  /// Reports this value: "expected WHAT, found ...".
  void expected(const std::string& what, const std::string& nearest = {}) const;
  /// Reports anything else about it.
  void refuse(const std::string& message, const std::string& found = {},
              const std::string& nearest = {}, const std::string& hint = {}) const;
  Node element(std::size_t index) const;
};

/// An object whose keys are taken one by one; what is left over at the end is unknown.
class ObjectReader {
 public:
  /// Reports a value that is not an object.
  explicit ObjectReader(const Node& node, const std::string& what = "an object");
  bool is_object() const { return is_object_; }
  const Node& node() const { return node_; }

  std::optional<Node> take(const std::string& key);
  /// Reports an absent key: "missing; expected WHAT".
  std::optional<Node> require(const std::string& key, const std::string& what);
  /// Whether the key has been read.
  bool took(const std::string& key) const;
  /// Every member, for objects whose keys are free names.
  std::vector<std::pair<std::string, Node>> members() const;
  /// Refuses keys that the format has but this version does not.
  void refuse_later(const std::vector<std::string>& keys);
  /// Refuses each of `keys` that is there, with the reason.
  void refuse_here(const std::vector<std::string>& keys, const std::string& reason);
  /// Reports all keys that were not read. Call once, last.
  void finish() const;

 private:
  bool has(const std::string& key) const;
  Node node_;
  bool is_object_;
  std::vector<std::string> known_;    // every key read
  std::vector<std::string> refused_;  // reported already
};

/// The only key of an object such as {"exponential": "40ms"}, which must be one of `known`.
struct Tagged {
  std::string tag;
  Node value;
};
std::optional<Tagged> read_tagged(const Node& node, const std::vector<std::string>& known,
                                  const std::string& what);

/// Each reports and returns nullopt when the value is of another type or out of range.
std::optional<std::int64_t> read_integer(const Node& node, std::int64_t low, std::int64_t high);
std::optional<bool> read_boolean(const Node& node);
std::optional<std::string> read_text(const Node& node, const std::string& what = "a string");
/// A number above `above` and at most `high`.
std::optional<double> read_number_above(const Node& node, double above, double high);
/// A number from `low` to `high`, both included.
std::optional<double> read_number_from(const Node& node, double low, double high);
/// One of the words.
std::optional<std::string> read_word(const Node& node, const std::vector<std::string>& words);
/// The name of something that goals, reports and file names mention.
std::optional<std::string> read_name(const Node& node);
/// A whole number as text, a fraction, true, or a text: whatever a parameter may be.
std::optional<std::string> read_scalar_as_text(const Node& node);
/// The elements of a list with at least `least` of them.
std::optional<std::vector<Node>> read_list(const Node& node, std::size_t least,
                                           const std::string& what);

enum class Zero { allowed, refused };
std::optional<Duration> read_duration(const Node& node, Zero zero);
/// Longer than this is taken for a slip of the unit.
inline constexpr Duration kLongestDuration = std::chrono::hours(24 * 365);

/// "a, b or c"
std::string listed(const std::vector<std::string>& names);
/// The nearest of `known`, or "".
std::string nearest_or_empty(std::string_view found, const std::vector<std::string>& known);

}  // namespace poolgauge
