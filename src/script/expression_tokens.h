// The words of a pgbench expression.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace poolgauge {

struct ExpressionToken {
  enum class Kind {
    integer,
    real,
    beyond,     ///< 9223372036854775808: right only after a minus
    too_large,  ///< an integer of more than 64 bits
    variable,   ///< :name
    word,       ///< key words and functions
    sign,       ///< an operator, a parenthesis, a comma
    other,      ///< no part of the language
    end,
  };
  Kind kind = Kind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;  ///< of a word in small letters, of a variable without its colon
};

/// The token that begins at `at` or after blanks there.
ExpressionToken next_expression_token(std::string_view text, std::size_t at);

}  // namespace poolgauge
