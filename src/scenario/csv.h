// CSV files (RFC 4180: quotes, doubled quotes, line breaks within quotes).
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

}  // namespace poolgauge
