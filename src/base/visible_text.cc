// Text that may be shown.
#include "base/visible_text.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace poolgauge {

namespace {

/// What a leading byte promises: how many bytes follow. -1: it leads nothing.
int bytes_after(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xC2 && lead < 0xE0) return 1;
  if (lead >= 0xE0 && lead < 0xF0) return 2;
  if (lead >= 0xF0 && lead < 0xF5) return 3;
  return -1;
}

constexpr std::array<std::pair<char32_t, char32_t>, 14> kHidden = {{
    {0x00, 0x1F},        // C0
    {0x7F, 0x9F},        // DEL, C1
    {0xAD, 0xAD},        // soft hyphen
    {0x61C, 0x61C},      // Arabic letter mark
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200F},    // zero width, marks of direction
    {0x2028, 0x202E},    // line and paragraph separators, embeddings and overrides
    {0x2060, 0x206F},    // joiners, isolates
    {0xD800, 0xDFFF},    // halves of a pair
    {0xFDD0, 0xFDEF},    // no characters
    {0xFE00, 0xFE0F},    // variation selectors
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFF9, 0xFFFB},    // annotations
    {0xE0000, 0xE0FFF},  // tags, more variation selectors
}};

/// How a hidden character is written; a byte that is no character has no point.
struct Escape {
  std::string (*of_point)(char32_t);
  std::string (*of_byte)(unsigned char);
};

std::string escape_of(char32_t point) {
  const auto number = static_cast<std::uint32_t>(point);
  if (point == '\r') return "\\r";
  if (number < 0x80) return fmt::format("\\x{:02x}", number);
  return number > 0xFFFF ? fmt::format("\\U{:08x}", number) : fmt::format("\\u{:04x}", number);
}

std::string escape_of_byte(unsigned char byte) {
  return fmt::format("\\x{:02x}", byte);
}

std::string json_escape_of(char32_t point) {
  const auto number = static_cast<std::uint32_t>(point);
  if (number <= 0xFFFF) return fmt::format("\\u{:04x}", number);
  const std::uint32_t pair = number - 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (pair >> 10U), 0xDC00 + (pair & 0x3FFU));
}

std::string json_escape_of_byte(unsigned char /*byte*/) {
  return "\\ufffd";
}

bool is_plain(char c) {
  return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t';
}

/// `text` with escapes in place of what is hidden; '\n' and '\t' stay.
std::string replaced(std::string_view text, const Escape& escape) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Utf8Character next = first_character(text);
    if (next.length == 0) {
      out += escape.of_byte(static_cast<unsigned char>(text[0]));
    } else if (is_hidden(next.point)) {
      out += escape.of_point(next.point);
    } else {
      out += text.substr(0, next.length);
    }
    text.remove_prefix(std::max<std::size_t>(next.length, 1));
  }
  return out;
}

}  // namespace

Utf8Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const int more = bytes_after(lead);
  if (more < 0 || text.size() <= static_cast<std::size_t>(more)) return {};
  std::uint32_t point = more == 0 ? lead : lead & (0x3FU >> more);
  for (int i = 1; i <= more; ++i) {
    const auto next = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
    if ((next & 0xC0U) != 0x80U) return {};
    point = (point << 6U) | (next & 0x3FU);
  }
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
  const bool half = point >= 0xD800 && point < 0xE000;
  if (overlong || half || point > 0x10FFFF) return {};
  return {static_cast<std::size_t>(more) + 1, static_cast<char32_t>(point)};
}

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = first_character(text.substr(at)).length;
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

bool is_hidden(char32_t point) {
  if ((point & 0xFFFEU) == 0xFFFEU) return true;  // the last two of every plane
  return std::any_of(kHidden.begin(), kHidden.end(), [point](const auto& range) {
    return point >= range.first && point <= range.second;
  });
}

std::string visible_lines(std::string_view text) {
  return replaced(text, {escape_of, escape_of_byte});
}

std::string visible_text(std::string_view text) {
  std::string out;
  for (const char c : visible_lines(text)) {
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c == '\t' ? ' ' : c;
    }
  }
  return out;
}

std::string visible_json(std::string_view json) {
  return replaced(json, {json_escape_of, json_escape_of_byte});
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  const auto inside = [&text](std::size_t at) {  // a UTF-8 character, not its first byte
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  constexpr std::size_t kLongestCharacter = 4;
  while (end > 0 && most - end < kLongestCharacter && inside(end)) --end;
  return std::string(text.substr(0, end)) + " … (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace poolgauge
