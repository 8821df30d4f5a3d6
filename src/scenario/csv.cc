// CSV record by record.
#include "scenario/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenario/json.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostValues = 1'000'000;
constexpr std::size_t kMostRows = 10'000'000;

Error bad(std::string message) {
  return Error{ErrorKind::usage, std::move(message), ""};
}

Error unknown_column(const std::string& column, const std::vector<std::string>& names) {
  const std::optional<std::string> nearest = nearest_name(column, names);
  return bad(fmt::format(
      "the file has no column {}{} columns are {}", shown_text(column),
      nearest ? fmt::format("; did you mean {}? Its", shown_text(*nearest)) : "; its",
      fmt::join(
          names.begin(),
          names.begin() + std::min<std::ptrdiff_t>(20, static_cast<std::ptrdiff_t>(names.size())),
          ", ")));
}

bool is_blank_line(const std::vector<std::string>& fields) {
  return fields.size() == 1 && fields[0].empty();
}

}  // namespace

CsvRecords::CsvRecords(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

std::optional<std::vector<std::string>> CsvRecords::next() {
  std::vector<std::string> fields;
  while (true) {
    std::optional<std::string> field = next_field();
    if (!field) return std::nullopt;
    fields.push_back(std::move(*field));
    if (at_end()) return fields;
    const char separator = text_[at_++];
    if (separator == ',') continue;
    if (separator == '\r' && !at_end() && text_[at_] == '\n') ++at_;
    ++line_;
    return fields;
  }
}

std::optional<std::string> CsvRecords::next_field() {
  std::string field;
  bool quoted = false;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (quoted) {
      if (c == '\n') ++line_;
      if (c != '"') {
        field += c;
      } else if (text_.substr(at_ + 1).starts_with('"')) {
        field += '"';
        ++at_;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',' || c == '\n' || c == '\r') {
      break;
    } else {
      field += c;
    }
  }
  if (quoted) return std::nullopt;
  return field;
}

Result<CsvTable> read_csv_table(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    return bad("this is not a text file: it contains a NUL byte");
  if (const auto byte = first_bad_byte(text)) return bad(bad_byte_text(*byte));
  CsvRecords records(text);
  std::optional<std::vector<std::string>> names = records.next();
  if (!names) return bad("line 1: a quoted field is not closed");
  CsvTable table;
  table.names = std::move(*names);
  while (!records.at_end()) {
    const std::size_t line = records.line();
    std::optional<std::vector<std::string>> fields = records.next();
    if (!fields) return bad(fmt::format("line {}: a quoted field is not closed", line));
    if (is_blank_line(*fields) && table.names.size() > 1) continue;
    if (fields->size() != table.names.size()) {
      return bad(fmt::format("line {}: expected {} fields, found {}", line, table.names.size(),
                             fields->size()));
    }
    if (table.rows.size() == kMostRows) return bad("the file has more than 10,000,000 rows");
    table.rows.push_back(std::move(*fields));
  }
  if (table.rows.empty()) return bad("the file has no rows below its header line");
  return table;
}

Result<std::vector<std::string>> CsvTable::column_of(const std::string& column,
                                                     const std::string& request) const {
  const auto found = std::find(names.begin(), names.end(), column);
  if (found == names.end()) return unknown_column(column, names);
  const auto filter = std::find(names.begin(), names.end(), "request");
  if (filter == names.end()) return unknown_column("request", names);
  std::vector<std::string> values;
  for (const std::vector<std::string>& row : rows) {
    if (row[static_cast<std::size_t>(filter - names.begin())] != request) continue;
    values.push_back(row[static_cast<std::size_t>(found - names.begin())]);
  }
  if (values.empty()) return bad("the file has no row for the request " + shown_text(request));
  return values;
}

Result<std::vector<std::string>> csv_column(std::string_view text, const std::string& column) {
  if (text.find('\0') != std::string_view::npos)
    return bad("this is not a text file: it contains a NUL byte");
  if (const auto byte = first_bad_byte(text)) return bad(bad_byte_text(*byte));
  CsvRecords records(text);
  const std::optional<std::vector<std::string>> names = records.next();
  if (!names) return bad("line 1: a quoted field is not closed");
  const auto found = std::find(names->begin(), names->end(), column);
  if (found == names->end()) return unknown_column(column, *names);
  const auto index = static_cast<std::size_t>(found - names->begin());
  std::vector<std::string> values;
  while (!records.at_end()) {
    const std::size_t line = records.line();
    std::optional<std::vector<std::string>> fields = records.next();
    if (!fields) return bad(fmt::format("line {}: a quoted field is not closed", line));
    if (is_blank_line(*fields) && names->size() > 1) continue;
    if (fields->size() != names->size()) {
      return bad(fmt::format("line {}: expected {} fields, found {}", line, names->size(),
                             fields->size()));
    }
    if (values.size() == kMostValues) return bad("the file has more than 1,000,000 rows");
    values.push_back(std::move((*fields)[index]));
  }
  if (values.empty()) return bad("the file has no rows below its header line");
  return values;
}

}  // namespace poolgauge
