#include "cli/shell/wall_clock.h"

namespace poolgauge::cli {

std::time_t wall_clock() {
  return std::time(nullptr);
}

}  // namespace poolgauge::cli
