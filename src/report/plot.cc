// Plotting on a canvas of characters.
#include "report/layout.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace poolgauge {

namespace {

/// Where x and y fall on the canvas.
struct Scale {
  double low = 0, high = 0, top = 0;
  std::size_t columns = 0, rows = 0;

  std::optional<std::size_t> column(double x) const {
    if (x < low || x > high) return std::nullopt;
    const double share = high > low ? (x - low) / (high - low) : 0.5;
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(columns - 1)));
  }
  /// Row 0 is the highest.
  std::optional<std::size_t> row(double y) const {
    if (!(y >= 0) || y > top * 1.0001) return std::nullopt;
    const double share = 1 - y / top;
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(rows - 1)));
  }
};

Scale scale_of(const Plot& plot, std::size_t columns, std::size_t rows) {
  Scale scale{plot.points.front().x, plot.points.front().x, 0, columns, rows};
  for (const Plot::Mark& point : plot.points) {
    scale.low = std::min(scale.low, point.x);
    scale.high = std::max(scale.high, point.x);
    scale.top = std::max(scale.top, point.y);
  }
  return scale;
}

using Canvas = std::vector<std::vector<std::string>>;

void paint(Canvas& canvas, const Plot& plot, const Scale& scale) {
  const auto put = [&](double x, double y, const char* sign) {
    const auto column = scale.column(x);
    const auto row = scale.row(y);
    if (column && row) canvas[*row][*column] = sign;
  };
  if (plot.mark) {
    if (const auto column = scale.column(*plot.mark)) {
      for (auto& row : canvas) row[*column] = "│";
    }
  }
  // A straight piece between two places of the line takes a sign in every column it crosses.
  for (std::size_t i = 0; i + 1 < plot.line.size(); ++i) {
    const auto [x0, y0] = plot.line[i];
    const auto [x1, y1] = plot.line[i + 1];
    constexpr int kPieces = 16;
    for (int k = 0; k <= kPieces; ++k) {
      const double t = static_cast<double>(k) / kPieces;
      put(x0 + t * (x1 - x0), y0 + t * (y1 - y0), "·");
    }
  }
  for (const Plot::Mark& point : plot.points) put(point.x, point.y, point.hollow ? "○" : "●");
}

std::string number_text(double value) {
  return value == std::round(value) && std::abs(value) < 1e7 ? fmt::format("{:.0f}", value)
                                                             : significant(value);
}

}  // namespace

std::vector<std::string> draw(const Plot& plot, std::size_t width, std::size_t height) {
  constexpr std::size_t kLeast = 20;
  if (plot.points.empty()) return {};
  const std::size_t label = std::max<std::size_t>(display_width(plot.top_label), 1);
  const std::size_t columns = std::max(kLeast, width > label + 2 ? width - label - 2 : 0);
  const Scale scale = scale_of(plot, columns, height);
  if (!(scale.top > 0)) return {};
  Canvas canvas(height, std::vector<std::string>(columns, " "));
  paint(canvas, plot, scale);
  std::vector<std::string> lines = {plot.title};
  for (std::size_t row = 0; row < height; ++row) {
    const std::string left = row == 0 ? plot.top_label : row + 1 == height ? "0" : "";
    std::string line = pad_left(left, label) + " │";
    for (const std::string& cell : canvas[row]) line += cell;
    lines.push_back(line);
  }
  const std::string low = number_text(scale.low);
  const std::string high = number_text(scale.high);
  std::string axis = std::string(label + 2, ' ') + low;
  const std::size_t room = label + 2 + columns;
  const auto mark = plot.mark ? scale.column(*plot.mark) : std::nullopt;
  const std::string marked = mark ? number_text(std::round(*plot.mark)) : "";
  if (mark && label + 2 + *mark > display_width(axis) + 1 &&
      label + 2 + *mark + marked.size() + high.size() + 1 < room) {
    axis = pad_right(axis, label + 2 + *mark) + marked;
  }
  lines.push_back(pad_right(axis, room - high.size()) + high);
  return lines;
}

}  // namespace poolgauge
