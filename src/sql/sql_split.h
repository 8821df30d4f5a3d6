// Splits SQL text into statements the way psql does for a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

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
