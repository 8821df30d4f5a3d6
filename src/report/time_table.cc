// Laying out the table of where the time went.
#include "report/time_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/layout.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kFigureWidth = 9;
constexpr std::size_t kShareWidth = 8;
constexpr std::size_t kSmallestBar = 8;
constexpr std::size_t kLargestBar = 24;
constexpr std::size_t kSmallestLabel = 18;
constexpr std::size_t kLargestLabel = 26;

using Column = TimeFigure LatencySummary::*;
constexpr std::array<Column, 4> kColumns = {&LatencySummary::p50, &LatencySummary::p95,
                                            &LatencySummary::p99, &LatencySummary::max};
constexpr std::array<std::string_view, 4> kColumnNames = {"p50", "p95", "p99", "max"};

struct Shape {
  std::size_t label = 0;
  std::size_t bar = 0;  ///< 0: no bars
  bool narrow = false;  ///< labels on lines of their own
  std::array<std::string, kColumns.size()> units;
};

std::string unit_for(Column column, const Report& report, const std::vector<TimeRow>& rows) {
  double largest = (report.latency.*column).value_or(0);
  if (largest <= 0) {
    for (const TimeRow& row : rows) largest = std::max(largest, (row.times.*column).value_or(0));
  }
  return std::string(duration_unit(from_ms(largest)));
}

Shape shape_of(const Screen& screen, const Report& report, const std::vector<TimeRow>& rows) {
  Shape shape;
  std::size_t longest = 0;
  for (const TimeRow& row : rows) longest = std::max(longest, display_width(row.label) + 2);
  shape.label = std::clamp(longest + 1, kSmallestLabel, kLargestLabel);
  const std::size_t figures = kColumns.size() * kFigureWidth + kShareWidth;
  shape.narrow = screen.width() < shape.label + figures;
  if (shape.narrow) shape.label = 2;
  const std::size_t used = shape.label + figures + 3;
  if (screen.unicode() && !shape.narrow && screen.width() >= used + kSmallestBar) {
    shape.bar = std::min(screen.width() - used, kLargestBar);
  }
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    shape.units[i] = unit_for(kColumns[i], report, rows);
  }
  return shape;
}

void add_row(Screen& screen, const Shape& shape, const std::string& label,
             const LatencySummary& times, const double* share, Tone tone) {
  std::string line;
  if (shape.narrow || display_width(label) > shape.label) {
    screen.line(label, tone);
    line = std::string(shape.label, ' ');
  } else {
    line = pad_right(label, shape.label);
  }
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const TimeFigure& value = times.*kColumns[i];
    line += pad_left(times.count > 0 ? column_time(value, shape.units[i]) : "", kFigureWidth);
  }
  if (share != nullptr) {
    if (shape.bar > 0) line += "   " + pad_right(share_bar(*share, shape.bar), shape.bar);
    line += pad_left(percent(*share), kShareWidth);
  }
  screen.line(line, tone);
}

}  // namespace

void add_time_table(Screen& screen, const Report& report, Tone tone) {
  const std::vector<TimeRow> rows = time_rows(report);
  const Shape shape = shape_of(screen, report, rows);
  std::string head(shape.label, ' ');
  for (const std::string_view name : kColumnNames) head += pad_left(name, kFigureWidth);
  // Over the bars there is room for the whole words, over the bare figures only for one.
  head += shape.bar >= kSmallestBar ? "   share of latency" : pad_left("share", kShareWidth);
  screen.line(head, tone);
  add_row(screen, shape, "latency", report.latency, nullptr, tone);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string branch = i + 1 < rows.size() ? "├ " : "└ ";
    add_row(screen, shape, branch + rows[i].label, rows[i].times, &rows[i].share, tone);
  }
}

}  // namespace poolgauge
