// A chart as inline SVG that is as wide as its place: x in parts of the width, y in pixels. Text
// keeps its size on a phone as on a wall.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/html/html_parts.h"

namespace poolgauge {

/// A curve: places on the x axis, and what there is at each; gaps stay gaps.
struct Trace {
  std::vector<double> x;
  std::vector<std::optional<double>> y;
};

class Picture {
 public:
  /// `title` and `description` are for those who do not see it; `height` without the x labels.
  Picture(std::string id, std::string title, std::string description, double height);

  /// Horizontal gridlines with their figures.
  void y_axis(const Axis& axis);
  /// Before x_axis: nothing may exceed the picture, not even half of the first figure below it.
  void keep_within();
  /// Vertical gridlines; `labels` below them.
  void x_axis(const Axis& axis, bool labels);
  void line(const Trace& trace, std::string_view kind);
  /// Between the curve and the lower edge, or between two curves over the same places.
  void area(const Trace& trace, std::string_view kind);
  void band(const Trace& low, const Trace& high, std::string_view kind);
  void dot(double x, double y, std::string_view kind, const std::string& words);
  void rule_x(double x, std::string_view kind, const std::string& words);
  void rule_y(double y, std::string_view kind, const std::string& words);
  /// The whole height between two places.
  void zone(double from, double to, std::string_view kind, const std::string& words);
  /// A bar at `top`, `thickness` pixels high; a text in it where there is room.
  void bar(double from, double to, double top, double thickness, std::string_view kind,
           const std::string& words, const std::string& text = "");
  void text(double x, double top, std::string_view kind, const std::string& words);
  /// A name for a curve at its right end. Names that would collide are moved apart.
  void name(double y, std::string_view kind, const std::string& words);

  /// The finished picture.
  std::string svg() const;

 private:
  struct Name {
    double y;
    std::string kind, words;
  };
  double px(double value) const { return height_ * (1 - y_.at(value)); }
  std::string points(const Trace& trace, bool closed) const;
  std::string names() const;

  std::string id_, title_, description_;
  double height_;
  bool labels_ = false, edges_ = false;
  Axis x_, y_;
  std::string below_, stretched_, above_;  // gridlines, curves, texts and dots
  std::vector<Name> names_;
};

}  // namespace poolgauge
