// How a text for a terminal may look.
#pragma once

namespace poolgauge {

struct TerminalStyle {
  bool color = false;
  bool unicode = true;
  unsigned width = 80;
  bool explain = false;  ///< add what each figure means
};

}  // namespace poolgauge
