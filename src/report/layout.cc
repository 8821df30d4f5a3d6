// Wrapping, padding, bars and plain ASCII.
#include "report/layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace poolgauge {
namespace {

constexpr std::array<std::string_view, 7> kHorizontal = {"▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::array<std::string_view, 8> kVertical = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kAscii = {{
    {"✓ ", "+ "},   {"✗ ", "x "}, {"├ ", "- "}, {"└ ", "- "}, {"µs", "us"}, {"·", "-"},
    {"–", "-"},     {"−", "-"},   {"×", "x"},   {"→", "->"},  {"“", "\""},  {"”", "\""},
    {"…", "..."},   {"●", "o"},   {"○", "x"},   {"│", "|"},   {"±", "+-"},  {"√c", "sqrt(c)"},
    {"√", "sqrt "}, {"◀", "<"},   {"◆", "*"},   {"•", "o"},
}};

bool is_unit(std::string_view word) {
  for (const std::string_view unit : {"s", "ms", "µs", "%", "×"}) {
    if (word == unit) return true;
    if (word.starts_with(unit) && word.size() > unit.size() &&
        std::string_view(",.;:)").find(word[unit.size()]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool ends_in_digit(std::string_view word) {
  return !word.empty() && word.back() >= '0' && word.back() <= '9';
}

/// The words of a text, figures together with their units.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> pieces;
  std::size_t start = 0;
  while (start < line.size()) {
    const std::size_t end = std::min(line.find(' ', start), line.size());
    const std::string_view word = line.substr(start, end - start);
    start = end + 1;
    if (word.empty()) continue;
    const bool glued = !pieces.empty() && (word == "·" || word == "–" ||
                                           (is_unit(word) && ends_in_digit(pieces.back())));
    if (glued) {
      pieces.back() += " ";
      pieces.back() += word;
    } else {
      pieces.emplace_back(word);
    }
  }
  return pieces;
}

/// The pieces between which a line may break: the parts of a list where they fit, else words.
std::vector<std::string> pieces_of(std::string_view line, std::size_t room) {
  constexpr std::string_view kSeparator = " · ";
  std::vector<std::string> pieces;
  std::size_t start = 0;
  while (start <= line.size()) {
    const std::size_t found = line.find(kSeparator, start);
    const bool last = found == std::string_view::npos;
    std::string part(line.substr(start, last ? std::string_view::npos : found - start));
    start = last ? line.size() + 1 : found + kSeparator.size();
    if (!last) part += " ·";
    const bool whole_line = last && pieces.empty();
    if (!whole_line && display_width(part) <= room) {
      pieces.push_back(std::move(part));
    } else {
      for (std::string& word : words_of(part)) pieces.push_back(std::move(word));
    }
  }
  return pieces;
}

void wrap_line(std::string_view line, std::size_t width, std::size_t indent,
               std::vector<std::string>& out) {
  std::string current(out.empty() ? 0 : indent, ' ');
  bool fresh = true;
  for (const std::string& piece : pieces_of(line, width > indent ? width - indent : 1)) {
    const std::size_t needed = display_width(current) + (fresh ? 0 : 1) + display_width(piece);
    if (!fresh && needed > width) {
      out.push_back(current);
      current = std::string(indent, ' ');
      fresh = true;
    }
    if (!fresh) current += ' ';
    current += piece;
    fresh = false;
  }
  out.push_back(current);
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    wrap_line(text.substr(start, end - start), width, indent, lines);
    start = end + 1;
  }
  return lines;
}

std::vector<std::string> hang(std::string_view label, std::size_t column, std::string_view text,
                              std::size_t width) {
  const std::size_t room = width > column ? width - column : 1;
  std::vector<std::string> lines = wrap(text, room, 0);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i] = pad_right(i == 0 ? label : std::string_view(), column) + lines[i];
  }
  return lines;
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string share_bar(double share, std::size_t cells) {
  if (!(share > 0)) return "";
  const double wanted = std::min(share, 1.0) * static_cast<double>(cells) * 8;
  const auto eighths = static_cast<std::size_t>(std::max(1.0, std::round(wanted)));
  std::string bar;
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += "█";
  if (eighths % 8 > 0) bar += kHorizontal[eighths % 8 - 1];
  return bar;
}

std::string sparkline(std::span<const std::optional<double>> values, std::size_t cells) {
  if (values.empty() || cells == 0) return "";
  const std::size_t shown = std::min(cells, values.size());
  std::vector<std::optional<double>> grouped(shown);
  for (std::size_t i = 0; i < shown; ++i) {
    double sum = 0, n = 0;
    for (std::size_t k = i * values.size() / shown; k < (i + 1) * values.size() / shown; ++k) {
      if (!values[k]) continue;
      sum += *values[k];
      ++n;
    }
    if (n > 0) grouped[i] = sum / n;
  }
  double top = 0;
  for (const auto& value : grouped) top = std::max(top, value.value_or(0));
  std::string line;
  for (const auto& value : grouped) {
    if (!value) {
      line += ' ';
      continue;
    }
    const double level = top > 0 ? std::round(std::max(*value, 0.0) / top * 7) : 0;
    line += kVertical[static_cast<std::size_t>(level)];
  }
  return line;
}

std::string to_ascii(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    bool replaced = false;
    for (const auto& [sign, plain] : kAscii) {
      if (!text.starts_with(sign)) continue;
      out += plain;
      text.remove_prefix(sign.size());
      replaced = true;
      break;
    }
    if (replaced) continue;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace poolgauge
