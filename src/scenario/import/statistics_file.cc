// The view pg_stat_statements in a file: CSV, or a table as psql prints it.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "poolgauge/import.h"
#include "scenario/csv.h"
#include "scenario/import/statement_shape.h"

namespace poolgauge {

namespace {

using Row = std::vector<std::string>;
struct Table {
  Row names;
  std::vector<Row> rows;
};

std::string trimmed_cell(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

/// A cell as psql pads it: the blank before it is psql's, further ones are its own.
std::string padded_cell(std::string_view text) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  return std::string(text.substr(0, text.find_last_not_of(" \t\r") + 1));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

/// "(12 rows)", "(1 row)".
bool is_footer(std::string_view line) {
  return line.starts_with('(') && (line.ends_with(" rows)") || line.ends_with(" row)"));
}

/// Number, truth value or nothing: every column but the query is so.
bool is_simple(std::string_view cell) {
  return cell.find_first_not_of("0123456789.eE+-tfNa") == std::string_view::npos;
}

Row split_bars(std::string_view line) {
  Row cells;
  std::size_t at = 0;
  while (true) {
    const std::size_t bar = std::min(line.find('|', at), line.size());
    cells.emplace_back(line.substr(at, bar - at));
    if (bar == line.size()) return cells;
    at = bar + 1;
  }
}

/// The byte at which a character begins: psql pads by characters.
std::size_t byte_of(std::string_view line, std::size_t character) {
  std::size_t at = 0;
  while (at < line.size() && character > 0) {
    ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U) ++at;
    --character;
  }
  return at;
}

/// psql's usual form: cells between bars below one another; a cell with more lines ends with a +.
class AlignedReader {
 public:
  explicit AlignedReader(std::string_view rule) {
    for (std::size_t i = 0; i < rule.size(); ++i) {
      if (rule[i] == '+') bars_.push_back(i);
    }
    framed_ = rule.starts_with('+');
  }

  Table run(const std::vector<std::string_view>& lines, std::size_t rule_at) {
    Table table;
    bool goes_on = false;
    for (const std::string& name : cells_of(lines[rule_at - 1], goes_on)) {
      table.names.push_back(trimmed_cell(name));
    }
    Row row;
    for (std::size_t i = rule_at + 1; i < lines.size(); ++i) {
      if (is_footer(lines[i]) || lines[i].empty() || lines[i].starts_with("+-")) break;
      const bool continues = goes_on;
      const Row cells = cells_of(lines[i], goes_on);
      if (!continues) {
        if (!row.empty()) table.rows.push_back(std::move(row));
        row = cells;
        continue;
      }
      for (std::size_t c = 0; c < cells.size() && c < row.size(); ++c) {
        if (!cells[c].empty()) row[c] += '\n' + cells[c];
      }
    }
    if (!row.empty()) table.rows.push_back(std::move(row));
    return table;
  }

 private:
  Row cells_of(std::string_view line, bool& goes_on) const {
    Row cells;
    goes_on = false;
    std::size_t begin = framed_ ? bars_.front() + 1 : 0;
    for (std::size_t i = framed_ ? 1 : 0; i <= bars_.size(); ++i) {
      if (framed_ && i == bars_.size()) break;
      const std::size_t end = i < bars_.size() ? byte_of(line, bars_[i]) : line.size();
      const std::size_t from = std::min(byte_of(line, begin), end);
      std::string_view cell = line.substr(from, end - from);
      if (cell.ends_with('+')) {
        goes_on = true;
        cell.remove_suffix(1);
      }
      cells.push_back(padded_cell(cell));
      if (i < bars_.size()) begin = bars_[i] + 1;
    }
    return cells;
  }

  std::vector<std::size_t> bars_;
  bool framed_ = false;
};

/// psql -A: bars without padding. The query may have bars and line ends of its own, the columns
/// around it have neither.
Table read_unaligned(const std::vector<std::string_view>& lines) {
  Table table;
  for (const std::string& name : split_bars(lines[0])) table.names.push_back(trimmed_cell(name));
  const std::size_t count = table.names.size();
  const auto query = static_cast<std::size_t>(
      std::find(table.names.begin(), table.names.end(), "query") - table.names.begin());
  const auto simple_from = [](const Row& cells, std::size_t from, std::size_t most) {
    for (std::size_t i = from; i < from + most; ++i) {
      if (!is_simple(cells[i])) return false;
    }
    return true;
  };
  std::string text;
  const auto flush = [&] {
    const Row cells = split_bars(text);
    text.clear();
    const std::size_t after = count - 1 - query;
    if (cells.size() < count || !simple_from(cells, cells.size() - after, after)) return;
    Row row(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(query));
    std::string joined = cells[query];
    for (std::size_t i = query + 1; i + after < cells.size(); ++i) joined += '|' + cells[i];
    row.push_back(std::move(joined));
    row.insert(row.end(), cells.end() - static_cast<std::ptrdiff_t>(after), cells.end());
    table.rows.push_back(std::move(row));
  };
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (is_footer(lines[i])) break;
    const Row cells = split_bars(lines[i]);
    const bool begins = query > 0 && cells.size() > query && simple_from(cells, 0, query);
    if (begins && !text.empty()) flush();
    if (!text.empty()) text += '\n';
    text += lines[i];
    if (query > 0 || text.empty()) continue;
    // The query comes first: a row ends where the columns after it stand.
    const Row whole = split_bars(text);
    const std::size_t after = count - 1;
    if (whole.size() >= count && simple_from(whole, whole.size() - after, after)) flush();
  }
  if (!text.empty()) flush();
  return table;
}

/// psql -x: "name | value", records apart by "-[ RECORD 1 ]---".
Table read_expanded(const std::vector<std::string_view>& lines) {
  Table table;
  std::size_t last = 0;
  for (const std::string_view line : lines) {
    if (line.starts_with("-[ RECORD")) {
      table.rows.emplace_back(table.names.size());
      continue;
    }
    const std::size_t bar = line.find('|');
    if (bar == std::string_view::npos || table.rows.empty()) continue;
    const std::string name = trimmed_cell(line.substr(0, bar));
    std::string_view cell = line.substr(bar + 1);
    if (cell.ends_with('+')) cell.remove_suffix(1);
    std::string value = padded_cell(cell);
    if (name.empty()) {
      if (last < table.rows.back().size()) table.rows.back()[last] += '\n' + value;
      continue;
    }
    const auto known = std::find(table.names.begin(), table.names.end(), name);
    last = static_cast<std::size_t>(known - table.names.begin());
    if (known == table.names.end()) table.names.push_back(name);
    table.rows.back().resize(table.names.size());
    table.rows.back()[last] = std::move(value);
  }
  return table;
}

/// Nothing: none of the forms.
std::optional<Table> read_table(std::string_view text) {
  std::vector<std::string_view> lines = lines_of(text);
  while (!lines.empty() && trimmed_cell(lines.front()).empty()) lines.erase(lines.begin());
  if (lines.empty()) return std::nullopt;
  if (lines[0].starts_with("-[ RECORD")) return read_expanded(lines);
  for (std::size_t i = 1; i < std::min<std::size_t>(lines.size(), 4); ++i) {
    const bool is_rule = lines[i].starts_with("-") || lines[i].starts_with("+-");
    if (is_rule && lines[i].find_first_not_of("-+") == std::string_view::npos) {
      return AlignedReader(lines[i]).run(lines, i);
    }
  }
  const Row bars = split_bars(lines[0]);
  if (std::find(bars.begin(), bars.end(), "query") != bars.end()) return read_unaligned(lines);
  Result<CsvTable> csv = read_csv_table(text);
  if (!csv.ok()) return std::nullopt;
  return Table{std::move(csv.value().names), std::move(csv.value().rows)};
}

class Columns {
 public:
  explicit Columns(const Row& names) {
    for (std::size_t i = 0; i < names.size(); ++i) by_name_[names[i]] = i;
  }
  bool has(const std::string& name) const { return by_name_.contains(name); }
  std::string text(const Row& row, const std::string& name) const {
    const auto found = by_name_.find(name);
    return found != by_name_.end() && found->second < row.size() ? row[found->second] : "";
  }
  double number(const Row& row, const std::string& name) const {
    return std::strtod(text(row, name).c_str(), nullptr);
  }

 private:
  std::map<std::string, std::size_t> by_name_;
};

}  // namespace

std::variant<ServerStatements, Diagnostic> read_statistics_file(std::string_view text,
                                                                const std::string& file) {
  const std::optional<Table> table = read_table(text);
  const Columns columns(table ? table->names : Row{});
  if (!table || !columns.has("query") || !columns.has("calls")) {
    return Diagnostic{
        file,
        1,
        1,
        "",
        "",
        "expected pg_stat_statements with columns query and calls, as CSV with a header line or as "
        "printed by psql (SELECT query, calls, mean_exec_time, rows FROM pg_stat_statements)",
        ""};
  }
  std::map<std::string, StatementStatistics> by_text;
  for (const Row& row : table->rows) {
    const std::string query = columns.text(row, "query");
    const double calls = columns.number(row, "calls");
    const bool nested = trimmed_cell(columns.text(row, "toplevel")) == "f";
    if (query.empty() || nested || !(calls > 0)) continue;
    double total_ms = columns.number(row, "total_exec_time");
    if (columns.has("total_time")) total_ms = columns.number(row, "total_time");
    if (columns.has("mean_exec_time")) total_ms = columns.number(row, "mean_exec_time") * calls;
    if (columns.has("mean_time")) total_ms = columns.number(row, "mean_time") * calls;
    StatementStatistics& statement = by_text[query];
    statement.text = query;
    statement.mean_ms =
        (statement.mean_ms * statement.calls + total_ms) / (statement.calls + calls);
    const double rows = statement.rows_per_call.value_or(0) * statement.calls;
    statement.calls += calls;
    if (columns.has("rows")) {
      statement.rows_per_call = (rows + columns.number(row, "rows")) / statement.calls;
    }
  }
  ServerStatements server;
  for (auto& [query, statement] : by_text) server.statements.push_back(std::move(statement));
  std::stable_sort(server.statements.begin(), server.statements.end(),
                   [](const auto& a, const auto& b) { return a.calls > b.calls; });
  if (server.statements.empty()) {
    return Diagnostic{file, 1, 1, "", "", "the table contains no statement that was called", ""};
  }
  return server;
}

void guess_parameters(ServerStatements& server) {
  for (StatementStatistics& statement : server.statements) {
    statement.parameters.clear();
    for (const ParameterPlace& place : parameter_places(statement.text).places) {
      statement.parameters.push_back({guessed_type(place), {}});
    }
  }
  server.guessed = true;
}

}  // namespace poolgauge
