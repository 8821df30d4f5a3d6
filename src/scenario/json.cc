// JSON pointers, and values cut to what fits an error line.
#include "scenario/json.h"

namespace poolgauge {

namespace {

constexpr std::size_t kLongestShown = 60;

// Cuts at a character's border.
std::string shortened(std::string text) {
  if (text.size() <= kLongestShown) return text;
  std::size_t end = kLongestShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string child_pointer(std::string_view pointer, std::string_view key) {
  std::string child(pointer);
  child += '/';
  for (const char c : key) {
    if (c == '~') {
      child += "~0";
    } else if (c == '/') {
      child += "~1";
    } else {
      child += c;
    }
  }
  return child;
}

std::string child_pointer(std::string_view pointer, std::size_t index) {
  return std::string(pointer) + "/" + std::to_string(index);
}

std::string shown(const Json& value) {
  if (value.is_object() && !value.empty()) return "an object";
  if (value.is_array() && !value.empty()) return "a list";
  return shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string shown_text(std::string_view text) {
  return shown(Json(std::string(text)));
}

}  // namespace poolgauge
