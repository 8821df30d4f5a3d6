// Cuts JSON with comments into tokens, leniently: any text comes apart into something.
#pragma once

#include <cstddef>
#include <string_view>

namespace poolgauge {

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
