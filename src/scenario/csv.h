// Text of files: encodings and CSV.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/result.h"

namespace poolgauge {

/// The records of a text, which outlives it, one after the other.
class CsvRecords {
 public:
  explicit CsvRecords(std::string_view text);
  bool at_end() const { return at_ == text_.size(); }
  /// Bytes before the record that comes next, a byte order mark not counted.
  std::size_t offset() const { return at_; }
  /// Of the record that comes next, from 1.
  std::size_t line() const { return line_; }
  /// nullopt: a quote that is opened and never closed.
  std::optional<std::vector<std::string>> next();

 private:
  std::optional<std::string> next_field();
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

/// A whole file: its heading, and rows of as many fields.
struct CsvTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  /// The values of a column in the rows whose column "request" says `request`, in their order.
  Result<std::vector<std::string>> column_of(const std::string& column,
                                             const std::string& request) const;
};
/// Errors name the line. At most ten million rows.
Result<CsvTable> read_csv_table(std::string_view text);

/// All values of the column named so in the first line. Errors name the line, or the columns there
/// are. At least one value, at most a million.
Result<std::vector<std::string>> csv_column(std::string_view text, const std::string& column);

// Text in other encodings than UTF-8.

/// Where a text is not valid UTF-8.
struct BadByte {
  std::size_t offset = 0;
  std::size_t line = 1;
  std::size_t byte = 1;  ///< of the line, from 1
  unsigned char value = 0;
};
std::optional<BadByte> first_bad_byte(std::string_view text);
/// "line 3, byte 98: 0xe9 is not valid UTF-8"
std::string bad_byte_text(const BadByte& bad);

struct Decoded {
  std::string text;  ///< UTF-8
  std::string note;  ///< empty, or which encoding was guessed and why
};

/// The text as UTF-8. `encoding` is a name as PostgreSQL has it (UTF8, LATIN1, LATIN9, WIN1252,
/// SQL_ASCII, EUC_JP, ...) in any spelling; empty: UTF8, or what it looks like if it is not.
/// SQL_ASCII is UTF8 where that is valid, and WIN1252 byte by byte elsewhere. The error names the
/// encoding, and line and byte of the invalid text, never the text itself.
Result<Decoded> decoded(std::string_view text, const std::string& encoding);

}  // namespace poolgauge
