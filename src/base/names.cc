// Names: quoted for SQL, which known one was probably meant, how wide a text is on a terminal.
#include <algorithm>

#include "base/text.h"

namespace poolgauge {

namespace {

// The same letter for '-' and '_', and for both cases.
char folded(char c) {
  if (c == '-') return '_';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Damerau-Levenshtein in its restricted form (no letter takes part in two edits), over three rows.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = folded(a[i - 1]);
      const char y = folded(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (x == y ? 0U : 1U)});
      const bool swapped =
          i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2]) && x != y;
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string quoted_identifier(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + "\"";
}

std::optional<std::string> nearest_name(std::string_view found,
                                        std::span<const std::string> known) {
  constexpr std::size_t kLongestWorthwhile = 100;  // the cost grows with the product of lengths
  if (found.empty() || found.size() > kLongestWorthwhile) return std::nullopt;
  const std::size_t allowed = std::max<std::size_t>(1, found.size() / 3);
  std::size_t nearest_distance = allowed + 1;
  const std::string* nearest = nullptr;
  for (const std::string& name : known) {
    if (name.size() > found.size() + allowed || found.size() > name.size() + allowed) continue;
    const std::size_t distance = edit_distance(found, name);
    // A distance as long as the name itself means that nothing of it was kept.
    if (distance >= nearest_distance || distance >= std::max(found.size(), name.size())) continue;
    nearest_distance = distance;
    nearest = &name;
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

std::size_t display_width(std::string_view utf8) {
  // Every byte but the continuation bytes 10xxxxxx begins a character.
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace poolgauge
