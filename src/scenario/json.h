// JSON as text: its tokens, and values written.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace poolgauge {

/// Keeps the order of keys: variables are numbered in the order in which they are written.
using Json = nlohmann::ordered_json;

/// `pointer` extended by one key ('~' and '/' escaped as RFC 6901 says).
std::string child_pointer(std::string_view pointer, std::string_view key);
std::string child_pointer(std::string_view pointer, std::size_t index);

/// A value as an error shows it: compact, cut to a readable length.
std::string shown(const Json& value);
/// The same for a text, in quotes.
std::string shown_text(std::string_view text);

// Cuts JSON with comments into tokens, leniently: any text comes apart into something.

struct JsonToken {
  enum class Kind { sign, string, word, end };
  Kind kind = Kind::end;
  std::size_t begin = 0;  ///< byte offsets; begin == end == text size at the end
  std::size_t end = 0;
};

class JsonTokens {
 public:
  explicit JsonTokens(std::string_view text) : text_(text) {}
  JsonToken next();

 private:
  void skip_blanks();
  bool skip_comment();
  std::size_t end_of_string(std::size_t begin) const;
  std::size_t end_of_word(std::size_t begin) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace poolgauge
