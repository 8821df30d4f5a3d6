// UTC date and time as text.
#include "app/context.h"

#include <utility>

namespace poolgauge::app {

namespace {

std::string formatted(std::time_t time, const char* format) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40] = {};
  const std::size_t length = std::strftime(text, sizeof text, format, &parts);
  return std::string(text, length);
}

}  // namespace

std::string iso_time(std::time_t time) {
  return formatted(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string compact_time(std::time_t time) {
  return formatted(time, "%Y%m%dT%H%M%SZ");
}

Error usage_error(std::string message, std::string hint) {
  return Error{ErrorKind::usage, std::move(message), std::move(hint)};
}

}  // namespace poolgauge::app
