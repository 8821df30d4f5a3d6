// Lines of terminal output, collected first and styled (color, plain ASCII) at the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// Color only repeats what a word already says.
enum class Tone : std::uint8_t { plain, good, bad, doubtful, faint, strong };

class Screen {
 public:
  explicit Screen(const TerminalStyle& style);

  std::size_t width() const { return width_; }
  bool unicode() const { return style_.unicode; }
  /// A line as it is; what a terminal would obey in it is written out, here as in all others.
  void line(std::string_view text, Tone tone = Tone::plain);
  /// A text wrapped to the width; continuation lines are indented. A line end in it is written out.
  void text(std::string_view text, std::size_t indent = 0, Tone tone = Tone::plain);
  /// A text in a column after its label; its lines stay in that column.
  void labelled(std::string_view label, std::size_t column, std::string_view text,
                Tone tone = Tone::plain);
  /// An empty line, unless the last one is empty.
  void gap();
  std::string str() const;

 private:
  struct Line {
    std::string text;
    Tone tone;
  };
  TerminalStyle style_;
  std::size_t width_;
  std::vector<Line> lines_;
};

}  // namespace poolgauge
