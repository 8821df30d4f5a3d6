// UTC date and time as text.
#include "cli/shell/wall_clock.h"

namespace poolgauge::cli {

namespace {

std::string formatted(std::time_t time, const char* format) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40] = {};
  const std::size_t length = std::strftime(text, sizeof text, format, &parts);
  return std::string(text, length);
}

}  // namespace

std::time_t wall_clock() {
  return std::time(nullptr);
}

std::string iso_time(std::time_t time) {
  return formatted(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string compact_time(std::time_t time) {
  return formatted(time, "%Y%m%dT%H%M%SZ");
}

}  // namespace poolgauge::cli
