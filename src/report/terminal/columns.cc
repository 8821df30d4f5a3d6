// Laying out a table for the width there is.
#include "report/terminal/screen.h"

#include <algorithm>

#include "base/text.h"
#include "report/layout.h"

namespace poolgauge {
namespace {

using TableRows = std::vector<std::vector<std::string>>;

constexpr std::size_t kColumnGap = 2;

void drop(std::vector<Column>& columns, TableRows& rows, std::size_t at) {
  columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(at));
  for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(at));
}

void drop_empty(std::vector<Column>& columns, TableRows& rows) {
  for (std::size_t i = columns.size(); i-- > 0;) {
    const bool empty =
        std::all_of(rows.begin(), rows.end(), [i](const auto& row) { return row[i].empty(); });
    if (empty) drop(columns, rows, i);
  }
}

std::vector<std::size_t> column_widths(const std::vector<Column>& columns, const TableRows& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(display_width(columns[i].head));
    for (const auto& row : rows) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  return widths;
}

std::size_t table_width(const std::vector<Column>& columns, const TableRows& rows) {
  std::size_t whole = 0;
  for (const std::size_t width : column_widths(columns, rows)) {
    whole += width + (whole > 0 ? kColumnGap : 0);
  }
  return whole;
}

/// Those that may go, until the rest fits.
void drop_spare(std::vector<Column>& columns, TableRows& rows, std::size_t room) {
  while (table_width(columns, rows) > room) {
    const auto next =
        std::max_element(columns.begin(), columns.end(),
                         [](const Column& a, const Column& b) { return a.spare < b.spare; });
    if (next == columns.end() || next->spare <= 0) return;
    drop(columns, rows, static_cast<std::size_t>(next - columns.begin()));
  }
}

/// "20 · throughput 111/s · p50 878 ms · ..."
std::string paragraph_of(const std::vector<Column>& columns,
                         const std::vector<std::string>& cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].empty()) continue;
    text += text.empty() ? "" : " · ";
    if (i > 0 && !columns[i].head.empty()) text += columns[i].head + " ";
    text += cells[i];
  }
  return text;
}

}  // namespace

void add_columns(Screen& screen, std::vector<Column> columns, TableRows rows, const RowTone& tone) {
  drop_empty(columns, rows);
  drop_spare(columns, rows, screen.width());
  const std::vector<std::size_t> widths = column_widths(columns, rows);
  const auto tone_of = [&tone](std::size_t row) { return tone ? tone(row) : Tone::plain; };
  if (table_width(columns, rows) > screen.width()) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      screen.text(paragraph_of(columns, rows[r]), 2, tone_of(r));
    }
    return;
  }
  const auto add = [&](const std::vector<std::string>& cells, Tone how) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line.append(kColumnGap, ' ');
      line += columns[i].left ? pad_right(cells[i], widths[i]) : pad_left(cells[i], widths[i]);
    }
    screen.line(line, how);
  };
  std::vector<std::string> heads;
  for (const Column& column : columns) heads.push_back(column.head);
  add(heads, Tone::plain);
  for (std::size_t r = 0; r < rows.size(); ++r) add(rows[r], tone_of(r));
}

}  // namespace poolgauge
