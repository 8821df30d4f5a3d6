// A small plot in characters: measured points, a fitted line, one mark on the x axis.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace poolgauge {

struct Plot {
  struct Mark {
    double x = 0, y = 0;
    bool hollow = false;  ///< measured, but not to be trusted
  };
  std::string title;
  std::vector<Mark> points;
  std::vector<std::pair<double, double>> line;  ///< drawn where no point is
  std::optional<double> mark;                   ///< an x, drawn as a vertical line
  std::string top_label;                        ///< of the highest y
};

/// Zero-based y axis, x from the smallest to the largest place. `width` cells in all; the lines of
/// `height` rows, the axis and its labels. Nothing without a point above zero.
std::vector<std::string> draw(const Plot& plot, std::size_t width, std::size_t height);

}  // namespace poolgauge
