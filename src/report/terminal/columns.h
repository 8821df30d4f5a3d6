// A table in columns if the screen is wide enough for them, otherwise in paragraphs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/terminal/screen.h"

namespace poolgauge {

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

}  // namespace poolgauge
