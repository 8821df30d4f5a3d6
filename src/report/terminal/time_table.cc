// Laying out the table of where the time went.
#include "report/terminal/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/layout.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kFigureWidth = 9;  // or what the widest figure and a gap need
constexpr std::size_t kGap = 2;
constexpr std::size_t kCountWidth = 11;
constexpr std::size_t kFailedWidth = 8;
constexpr std::size_t kMostKinds = 8;
constexpr std::size_t kShareWidth = 8;
constexpr std::size_t kSmallestBar = 8;
constexpr std::size_t kLargestBar = 24;
constexpr std::size_t kSmallestLabel = 18;
constexpr std::size_t kLargestLabel = 26;

using TimeColumn = TimeFigure LatencySummary::*;
constexpr std::array<TimeColumn, 4> kColumns = {&LatencySummary::p50, &LatencySummary::p95,
                                                &LatencySummary::p99, &LatencySummary::max};
constexpr std::array<std::string_view, 4> kColumnNames = {"p50", "p95", "p99", "max"};

struct Shape {
  std::size_t label = 0;
  std::size_t bar = 0;  ///< 0: no bars
  std::size_t figure = kFigureWidth;
  bool narrow = false;  ///< labels on lines of their own
  std::array<std::string, kColumns.size()> units;
};

std::string unit_for(TimeColumn column, const Report& report, const std::vector<TimeRow>& rows) {
  double largest = (report.latency.*column).value_or(0);
  if (largest <= 0) {
    for (const TimeRow& row : rows) largest = std::max(largest, (row.times.*column).value_or(0));
  }
  return std::string(duration_unit(from_ms(largest)));
}

std::string figure_text(const LatencySummary& times, std::size_t column, const Shape& shape) {
  return times.count > 0 ? column_time(times.*kColumns[column], shape.units[column]) : "";
}

/// Units and widths, so that no two columns touch. `beside`: what stands beside the figures.
Shape shape_of(const Screen& screen, const Report& report, const std::vector<TimeRow>& rows,
               std::size_t beside) {
  Shape shape;
  std::size_t longest = 0;
  for (const TimeRow& row : rows) longest = std::max(longest, display_width(row.label) + 2);
  shape.label = std::clamp(longest + 1, kSmallestLabel, kLargestLabel);
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    shape.units[i] = unit_for(kColumns[i], report, rows);
    const auto widen = [&](const LatencySummary& times) {
      shape.figure = std::max(shape.figure, display_width(figure_text(times, i, shape)) + kGap);
    };
    widen(report.latency);
    for (const TimeRow& row : rows) widen(row.times);
  }
  const std::size_t figures = kColumns.size() * shape.figure + beside;
  shape.narrow = screen.width() < shape.label + figures;
  if (shape.narrow) shape.label = 2;
  return shape;
}

void add_bar(Shape& shape, const Screen& screen) {
  const std::size_t used = shape.label + kColumns.size() * shape.figure + kShareWidth + 3;
  if (screen.unicode() && !shape.narrow && screen.width() >= used + kSmallestBar) {
    shape.bar = std::min(screen.width() - used, kLargestBar);
  }
}

std::string start_of_row(Screen& screen, const Shape& shape, const std::string& label,
                         const LatencySummary& times, Tone tone) {
  std::string line;
  if (shape.narrow || display_width(label) > shape.label) {
    screen.line(label, tone);
    line = std::string(shape.label, ' ');
  } else {
    line = pad_right(label, shape.label);
  }
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    line += pad_left(figure_text(times, i, shape), shape.figure);
  }
  return line;
}

std::string head_of(const Shape& shape, std::string_view label) {
  std::string head = shape.narrow ? std::string(shape.label, ' ') : pad_right(label, shape.label);
  for (const std::string_view name : kColumnNames) head += pad_left(name, shape.figure);
  return head;
}

void add_row(Screen& screen, const Shape& shape, const std::string& label,
             const LatencySummary& times, const double* share, Tone tone) {
  std::string line = start_of_row(screen, shape, label, times, tone);
  if (share != nullptr) {
    if (shape.bar > 0) line += "   " + pad_right(share_bar(*share, shape.bar), shape.bar);
    line += pad_left(percent(*share), kShareWidth);
  }
  screen.line(line, tone);
}

}  // namespace

void add_time_table(Screen& screen, const Report& report, Tone tone) {
  const std::vector<TimeRow> rows = time_rows(report);
  Shape shape = shape_of(screen, report, rows, kShareWidth);
  add_bar(shape, screen);
  std::string head = head_of(shape, "");
  // Over the bars there is room for the whole words, over the bare figures only for one.
  head += shape.bar >= kSmallestBar ? "   share of latency" : pad_left("share", kShareWidth);
  screen.line(head, tone);
  add_row(screen, shape, "latency", report.latency, nullptr, tone);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string branch = i + 1 < rows.size() ? "├ " : "└ ";
    add_row(screen, shape, branch + rows[i].label, rows[i].times, &rows[i].share, tone);
  }
}

void add_kind_table(Screen& screen, const Report& report, Tone tone) {
  const std::vector<const RequestKind*> kinds = shown_kinds(report, kMostKinds);
  if (kinds.empty()) return;
  std::vector<TimeRow> rows;
  for (const RequestKind* kind : kinds) rows.push_back({kind->request, kind->latency, 0, 0});
  const Shape shape = shape_of(screen, report, rows, kCountWidth + kFailedWidth);
  screen.gap();
  screen.line(head_of(shape, "latency of") + pad_left("completed", kCountWidth) +
                  pad_left("failed", kFailedWidth),
              tone);
  for (const RequestKind* kind : kinds) {
    const std::string start = start_of_row(screen, shape, kind->request, kind->latency, tone);
    screen.line(start + pad_left(with_thousands(kind->completed), kCountWidth) +
                    pad_left(with_thousands(kind->failed), kFailedWidth),
                tone);
  }
  const std::string more = more_kinds(report, kinds.size());
  if (!more.empty()) screen.text(more, 2, tone);
}

}  // namespace poolgauge
