// Just enough of PostgreSQL's lexical rules to tell code from strings, quoted names and comments.
#pragma once

#include <cstddef>
#include <string_view>

namespace poolgauge {

struct SqlToken {
  enum class Kind {
    blank,         ///< white space and comments
    word,          ///< identifiers, key words
    number,        ///< also what sticks to it
    quoted,        ///< '...', E'...', "...", $tag$...$tag$
    parameter,     ///< $1
    variable,      ///< :name, by its looks
    sign,          ///< one character, or `::`
    unterminated,  ///< a string or comment without an end
    end,
  };
  Kind kind = Kind::end;
  std::size_t begin = 0;  ///< byte offsets
  std::size_t end = 0;
};

/// The token that begins at `at`; standard_conforming_strings is taken to be on.
SqlToken next_sql_token(std::string_view sql, std::size_t at);

}  // namespace poolgauge
