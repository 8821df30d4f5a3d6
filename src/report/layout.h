// Laying text out in cells: columns, bars, plain ASCII, and small plots.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace poolgauge {

/// Breaks a text at spaces into lines of at most `width` cells, every line but the first indented
/// by `indent`. A figure stays with its unit; a list (" · " between its parts) breaks between parts
/// where they fit; a word that is wider than a line gets a line of its own. Newlines end a line.
std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t indent);

/// A text after a label: wrapped into what `column` leaves of the width, the label in front of its
/// first line, as many spaces in front of the others. A label wider than the column stays whole.
std::vector<std::string> hang(std::string_view label, std::size_t column, std::string_view text,
                              std::size_t width);

std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

/// A bar of `share` (0 to 1) of `cells` cells in eighths of a cell, without padding. A share above
/// zero shows at least one eighth.
std::string share_bar(double share, std::size_t cells);

/// One block character per value, scaled from zero to the largest; a space for nothing. More values
/// than `cells` are averaged in groups.
std::string sparkline(std::span<const std::optional<double>> values, std::size_t cells);

/// Our own signs in ASCII ("µs" -> "us", "–" -> "-"); what a user named stays as it is.
std::string to_ascii(std::string_view text);

// A small plot in characters: measured points, a fitted line, one mark on the x axis.

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
