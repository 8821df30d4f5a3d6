// Lines and tables of terminal output, collected first and styled at the end.
#pragma once

#include <functional>
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

// A table in columns if the screen is wide enough for them, otherwise in paragraphs.

struct Column {
  std::string head;
  bool left = false;  ///< its cells begin below each other; else they end there
  int spare = 0;      ///< above zero: may be omitted where there is no room, the highest first
};

/// Of the row with this index.
using RowTone = std::function<Tone(std::size_t)>;

/// Rows of as many cells as there are columns; one without any cell is omitted. No line is wider
/// than the screen: where the columns have no room each row becomes a paragraph, every cell with
/// its head.
void add_columns(Screen& screen, std::vector<Column> columns,
                 std::vector<std::vector<std::string>> rows, const RowTone& tone = {});

// Figures by kind of request, as a table in each text form.

/// Those worth a row: all of several, in their order; of more than `most` the busiest. Empty where
/// there is one kind only, whose figures are those of all requests.
std::vector<const RequestKind*> shown_kinds(const Report& report, std::size_t most);
/// "and 12 more kinds of request: see the JSON report"; empty where `shown` are all.
std::string more_kinds(const Report& report, std::size_t shown);

/// Completed, failed, and its percentiles, as a table's cells.
std::vector<std::string> kind_cells(const RequestKind& kind);
/// Each returns, or adds, nothing where there is one kind only.
void add_kind_table(Screen& screen, const Report& report, Tone tone);
std::string kinds_markdown(const Report& report);

}  // namespace poolgauge
