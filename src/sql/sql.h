// SQL text: scanning and splitting it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

// Splits SQL text into statements the way psql does for a file.

/// One statement without the blanks and comments before it and without its semicolon.
struct SqlPiece {
  std::string text;
  std::size_t offset = 0;  ///< of its first byte in the whole text
};

/// Something a server alone cannot run, or text that ends inside a quotation.
struct SplitProblem {
  std::size_t offset = 0;
  std::string message;
  std::string hint;
};

struct SplitSql {
  std::vector<SqlPiece> pieces;
  std::vector<SplitProblem> problems;  ///< by place
};

/// Understands quoted strings and names, E'' escapes, dollar quotes, nested comments, brackets
/// (as in CREATE RULE) and SQL-standard function bodies (BEGIN ATOMIC ... END). Refuses psql's
/// backslash commands and COPY FROM STDIN. A byte-order mark at the start is skipped.
SplitSql split_sql(std::string_view text);

/// Line and column, from 1, of a byte offset; columns count characters.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;
};
TextPlace place_of(std::string_view text, std::size_t offset);

/// The byte offset of a 1-based character position.
std::size_t offset_of_character(std::string_view text, std::size_t position);

/// The line around a byte offset and a caret below it, each indented by two; no newline at the end.
std::string caret_lines(std::string_view text, std::size_t offset);

}  // namespace poolgauge
