// SQL text as statements of tokens, without blanks and comments.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge::permit {

struct Token {
  std::string text;      ///< a word in lower case, a quoted name without its quotes, else as it is
  bool is_word = false;  ///< not quoted
  bool is_name = false;  ///< a word, or a quoted name
  std::size_t begin = 0, end = 0;  ///< byte offsets in the whole text
};

struct StatementTokens {
  std::vector<Token> tokens;  ///< never empty; without the semicolon
  bool unterminated = false;  ///< a quotation or a comment has no end
};

/// Split at semicolons outside brackets. Bodies of SQL functions that are not quoted (BEGIN
/// ATOMIC) fall apart into several statements.
std::vector<StatementTokens> statements_of(std::string_view sql);

}  // namespace poolgauge::permit
