// Escaping, with a reader of UTF-8 that gives up on one byte at a time.
#include "report/markup.h"

#include <cstddef>
#include <cstdint>

namespace poolgauge {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// What a leading byte promises: how many bytes follow, and its own bits. -1: it leads nothing.
int bytes_after(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xC2 && lead < 0xE0) return 1;
  if (lead >= 0xE0 && lead < 0xF0) return 2;
  if (lead >= 0xF0 && lead < 0xF5) return 3;
  return -1;
}

bool allowed(std::uint32_t point) {
  if (point == '\t' || point == '\n' || point == '\r') return true;
  if (point < 0x20 || point == 0x7F) return false;
  if (point >= 0x80 && point < 0xA0) return false;      // control characters
  if (point >= 0xD800 && point < 0xE000) return false;  // halves of a pair
  return (point & 0xFFFEU) != 0xFFFEU && point <= 0x10FFFF;
}

/// The length of the character at the beginning of `text`; 0: none that XML may hold.
std::size_t character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const int more = bytes_after(lead);
  if (more < 0 || text.size() <= static_cast<std::size_t>(more)) return 0;
  std::uint32_t point = more == 0 ? lead : lead & (0x3FU >> more);
  for (int i = 1; i <= more; ++i) {
    const auto next = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
    if ((next & 0xC0U) != 0x80U) return 0;
    point = (point << 6U) | (next & 0x3FU);
  }
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
  return overlong || !allowed(point) ? 0 : static_cast<std::size_t>(more) + 1;
}

std::string_view entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

}  // namespace

std::string markup_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character(text);
    const std::string_view instead = entity(text[0]);
    if (length == 0) {
      out += kReplacement;
    } else if (!instead.empty()) {
      out += instead;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace poolgauge
